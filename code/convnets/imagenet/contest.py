"""What was reached on ImageNet, 2010-2019: one table, from which all figures are drawn.

Top-5 error: the share of pictures whose class is none of the five best guesses. From 2010 to 2017 it is that of the
contest's entries on its secret test images: 150,000 in 2010, 100,000 later, other images until 2012 and the same since;
an entry may average many networks. After the contest, it is one network's on the 50,000 validation images. From 2014 on
the contest counted classification within its task of localisation. Sources are keys of ``book/references.bib``;
``assets/imagenet/SOURCES.md`` says what of them could be read.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ENTRIES", "HUMAN_TOP5", "SINGLE", "Entry", "Single", "winners"]

HUMAN_TOP5 = 5.1
"""Top-5 error, %, of one person who had practised on 500 pictures, on 1,500 others (Russakovsky et al. 2015, 6.4)."""


@dataclass(frozen=True)
class Entry:
    """A result of the contest, or of the leaderboard that went on after it."""

    year: int
    team: str
    network: str  # what the book calls it
    top5: float  # error, %
    sources: tuple[str, ...]
    top1: float | None = None  # error, %, where published
    convolutional: bool = True
    extra_data: bool = False  # learned from more than the contest's 1.2 million pictures
    place: int | None = 1  # in the contest's classification; None: not an entry of it
    networks: int | None = None  # averaged; None: not published
    parameters: str = ""  # as printed
    landmark: str = ""  # a name of model.LANDMARKS, where its network is built there


_CONTEST = "ilsvrc"

ENTRIES: tuple[Entry, ...] = (
    Entry(2010, "NEC-UIUC", "descriptors, SVM", 28.191, (_CONTEST, "lin2011large"), convolutional=False),
    Entry(2011, "XRCE", "Fisher vectors, SVM", 25.770, (_CONTEST, "sanchez2011high"), convolutional=False),
    Entry(2012, "SuperVision", "AlexNet", 16.422, (_CONTEST, "krizhevsky2012imagenet"), networks=5, landmark="alexnet"),
    Entry(2012, "SuperVision", "AlexNet", 15.315, (_CONTEST, "krizhevsky2012imagenet"), extra_data=True, networks=7),
    Entry(2013, "Clarifai", "ZFNet's relative", 11.743, (_CONTEST, "zeiler2014visualizing")),
    Entry(2013, "Clarifai", "ZFNet's relative", 11.197, (_CONTEST, "zeiler2014visualizing"), extra_data=True),
    Entry(2014, "GoogLeNet", "GoogLeNet", 6.656, (_CONTEST, "szegedy2015going"), networks=7, landmark="googlenet"),
    Entry(2014, "VGG", "VGG", 7.325, (_CONTEST, "simonyan2015very"), place=2, networks=7, landmark="vgg16"),
    Entry(2015, "MSRA", "ResNet", 3.567, (_CONTEST, "he2016deep"), networks=6, landmark="resnet152"),
    Entry(2016, "Trimps-Soushen", "Trimps-Soushen", 2.991, (_CONTEST,)),
    Entry(2016, "ResNeXt", "ResNeXt", 3.031, (_CONTEST, "xie2017aggregated"), place=2, landmark="resnext101-32x8d"),
    Entry(2017, "WMW", "SENet", 2.251, (_CONTEST, "hu2018squeeze"), landmark="senet154"),
    Entry(
        2018, "Facebook", "ResNeXt-101 32x32d", 2.5, ("mahajan2018exploring",), top1=14.9, extra_data=True, place=None,
        networks=1, parameters="466M", landmark="resnext101-32x32d",
    ),
    Entry(
        2018, "Facebook", "ResNeXt-101 32x48d", 2.4, ("mahajan2018exploring",), top1=14.6, extra_data=True, place=None,
        networks=1, parameters="829M", landmark="resnext101-32x48d",
    ),
    Entry(
        2019, "Facebook", "FixResNeXt-101 32x48d", 2.0, ("touvron2019fixing",), top1=13.6, extra_data=True, place=None,
        networks=1, parameters="829M", landmark="resnext101-32x48d",
    ),
)  # fmt: skip


def winners() -> list[Entry]:
    """The best entry of each year that learned from the contest's own pictures alone."""
    return [entry for entry in ENTRIES if entry.place == 1 and not entry.extra_data]


@dataclass(frozen=True)
class Single:
    """One network on the validation images, at 224 pixels."""

    landmark: str  # a name of model.LANDMARKS
    year: int
    top1: float | None  # error, %, where published
    top5: float  # error, %
    source: str
    extra_data: bool = False
    crops: int = 1  # the central one, or the mean of ten


_TORCHVISION = "torchvision2016models"

SINGLE: tuple[Single, ...] = (
    Single("alexnet", 2012, 40.7, 18.2, "krizhevsky2012imagenet", crops=10),  # table 2
    Single("zfnet", 2013, 38.4, 16.5, "zeiler2014visualizing", crops=10),  # table 2, the network of figure 3
    Single("googlenet", 2014, None, 10.07, "szegedy2015going"),  # table 3
    Single("vgg11", 2014, 30.980, 11.372, _TORCHVISION),
    Single("vgg13", 2014, 30.072, 10.754, _TORCHVISION),
    Single("vgg16", 2014, 28.408, 9.618, _TORCHVISION),
    Single("vgg19", 2014, 27.624, 9.124, _TORCHVISION),
    Single("resnet18", 2015, 30.242, 10.922, _TORCHVISION),
    Single("resnet34", 2015, 26.686, 8.580, _TORCHVISION),
    Single("resnet50", 2015, 23.870, 7.138, _TORCHVISION),
    Single("resnet101", 2015, 22.626, 6.454, _TORCHVISION),
    Single("resnet152", 2015, 21.688, 5.954, _TORCHVISION),
    Single("resnext50-32x4d", 2016, 22.382, 6.302, _TORCHVISION),
    Single("resnext101-32x8d", 2016, 20.688, 5.474, _TORCHVISION),
    Single("senet154", 2017, 18.68, 4.47, "hu2018squeeze"),
    Single("resnext101-32x16d", 2018, 15.8, 2.8, "mahajan2018exploring", extra_data=True),
    Single("resnext101-32x32d", 2018, 14.9, 2.5, "mahajan2018exploring", extra_data=True),
    Single("resnext101-32x48d", 2018, 14.6, 2.4, "mahajan2018exploring", extra_data=True),
)
"""Landmarks measured in one way: the weights that torchvision publishes first (a test compares), and authors' own.

Of AlexNet and ZFNet only the mean of ten crops is published, which errs less than one crop.
"""

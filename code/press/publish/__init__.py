"""From pages to a site, notebooks, a kit for reading offline, and PDFs."""

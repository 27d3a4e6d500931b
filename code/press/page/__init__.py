"""What a chapter may say on a page: its outputs, results, quizzes, demos, citations, credits; and what it may not."""

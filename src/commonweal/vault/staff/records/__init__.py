"""Reports of health records as staff read them: whose they may see, through which gate, in which words and charts."""

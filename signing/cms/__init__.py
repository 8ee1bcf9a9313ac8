"""What does a CMS structure show: a CAdES signature, or a time-stamp token?"""

"""What do clients of SiVa read of a report?"""

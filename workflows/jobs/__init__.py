"""What happens after the commit, and what when it fails?"""

"""What was ordered about institutions and municipalities, from which day, and how far is it carried out?"""

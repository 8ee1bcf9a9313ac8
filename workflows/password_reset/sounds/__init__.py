"""What does each letter of a code sound like? Recordings made by `build`, carried as files: see THIRD_PARTY.md."""

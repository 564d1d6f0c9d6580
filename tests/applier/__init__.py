"""Does to the lab's directory what the Microsoft cmdlets would: for tests, so that rows can be run and taken back."""

"""`hwcomp targets`: what can be built for, and with which options."""

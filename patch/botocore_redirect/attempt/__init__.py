"""One attempt of a call: the hops of a chain, and what is sent at each."""

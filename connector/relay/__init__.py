"""What happens between an event in DeskDirector and a flow: subscribe, take in, fan out, deliver, reconcile."""

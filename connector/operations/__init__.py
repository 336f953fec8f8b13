"""What an operation is: decorators, effects, fields, signature, paging, request."""

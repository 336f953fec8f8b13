"""What a site's own OpenAPI documents say about the routes that nobody has published.

`swagger_page` finds the documents behind `/swagger`, `reading` fetches them within limits, `documents` reads them,
`words` and `matching` compare their routes with ours, `site_routes` remembers the outcome and answers the client.
"""

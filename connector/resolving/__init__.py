"""From what people write to what DeskDirector takes: names to ids, request bodies, the tenant's own fields."""

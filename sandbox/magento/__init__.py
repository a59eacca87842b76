"""A stand-in for the REST API of a Magento 2.4.4 shop, held to recorded answers of a real one.

Started alone and fresh with `python -m sandbox magento --port N [--state FILE]` (its credentials: `credentials.Credentials`),
or inside a test with `testing.running_shop(**settings)`, which gives .url, .state and .credentials. Everything below /rest
is Magento's; what stands below /_sandbox (log, content, settings, consumer, reset, reindex, orders, faults) is the stand-in's own,
see `control`, `sandbox_orders` and `faults`. The switches are in `state.Settings`.

**How to add a resource module** (`sandbox/magento/things.py`):

1. Say what callers may send: `struct("Thing", id="int", label="string", parts="Part[]")` (see `inputs`).
2. Write a handler and register it; the dictionary names the parameters of Magento's service method, a trailing "?" means
   that it has a default, so it may be missing:

        @route("PUT", "/V1/things/:id", acl="Magento_Catalog::things", inputs={"thing": "Thing"})
        def save_thing(ctx: Context) -> Any:
            thing = ctx.inputs["thing"]              # checked and converted; only keys that were sent
            things = ctx.state.table("things")       # records are dicts: `edit` (a copy), change, `put`
            if ctx.path["id"] not in things:
                raise NotFound("The thing that was requested doesn't exist.")
            ...
            return record                            # plain JSON data; `fields=` and XML are applied afterwards

   A handler runs inside one transaction: an exception undoes its changes. Path parameters are in `ctx.path` and overlay the
   body as Magento does. `ctx.store_id` is 0 for `all`, 1 without a prefix. `ctx.effect("updated", sku)` feeds the log.
3. Import the module in `modules.py`; bulk and async forms of the route come by themselves.
4. Pages outside /rest (storefront, media files, sandbox controls) use `@page("GET", "/media/:file...")` and return `Response`.
5. What the shop needs before the first call (system attributes, ...) is created by functions registered with `@fixture`.
"""

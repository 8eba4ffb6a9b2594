import JSON

/// Tokens, messages' permission and the clock.
enum PinduoduoAccess {
    static let methods: [String: PinduoduoGateway.Method] = [
        "pdd.pop.auth.token.create": .init("pop_auth_token_create_response", needsToken: false) { world, call in
            let grant = try world.exchange(code: try call.parameters.required("code"), call.app, .pinduoduo)
            guard try world.objects.get(Mall.self, grant.owner)?.hasOrdered != false else {
                throw Refusal(.permission, "the mall has not ordered this application in the service market")
            }
            return try tokens(grant, world)
        },
        "pdd.pop.auth.token.refresh": .init("pop_auth_token_refresh_response", needsToken: false) { world, call in
            try tokens(try world.refresh(try call.parameters.required("refresh_token"), call.app, .pinduoduo), world)
        },
        "pdd.time.get": .init("time_get_response", needsToken: false) { world, _ in ["time": .string(BeijingTime.text(world.now))] },
        "pdd.pmc.user.permit": .init("pmc_user_permit_response", permit),
        "pdd.pmc.user.get": .init("pmc_user_get_response", needsToken: false, permission),
        "pdd.pmc.accrue.query": .init("pmc_accrue_query_response", needsToken: false) { world, call in
            ["number": .int(try world.objects.find(MallMessage.self, alias: MallMessage.waiting(call.app.key)).count)]
        },
        "pdd.pmc.user.cancel": .init("pmc_user_cancel_response", needsToken: false, cancel),
    ]

    private static func tokens(_ grant: Grant, _ world: World) throws -> JSONValue {
        let mall = try world.objects.get(Mall.self, grant.owner)
        return [
            "access_token": .string(grant.accessToken), "expires_at": .int(grant.expiresAt / 1000),
            "expires_in": .int((grant.expiresAt - world.now) / 1000), "refresh_token": .string(grant.refreshToken),
            "refresh_token_expires_at": .int(grant.refreshExpiresAt / 1000),
            "refresh_token_expires_in": .int((grant.refreshExpiresAt - world.now) / 1000), "owner_id": .string(grant.owner),
            "owner_name": .string(mall?.name ?? ""), "scope": ["pdd.fds.order.get", "pdd.order.information.get"],
        ]
    }

    /// Topics are joined by commas; without any, all.
    private static func permit(_ world: World, _ call: Call) throws -> JSONValue {
        var mall = try world.mall(call)
        mall.topics = call.parameters.commaList("topics") ?? []
        try world.objects.put(mall)
        return ["is_success": true]
    }

    private static func permission(_ world: World, _ call: Call) throws -> JSONValue {
        let owner = try call.parameters.required("owner_id")
        guard let mall = try world.objects.get(Mall.self, owner), let topics = mall.topics else { return ["pmc_user": nil] }
        return ["pmc_user": ["owner_id": .string(owner), "is_expire": 0, "topics": .list(topics) { .string($0) }]]
    }

    private static func cancel(_ world: World, _ call: Call) throws -> JSONValue {
        guard var mall = try world.objects.get(Mall.self, try call.parameters.required("owner_id")) else {
            throw Refusal(.notFound, "owner_id is not known")
        }
        mall.topics = nil
        try world.objects.put(mall)
        return ["is_success": true]
    }
}

import Contracts
import JSON
import Kafka
import TestSupport
import Testing
import Threads

extension JourneySuite {
    /// Linking JD's warehouses, through Kafka and over HTTP to the sandbox. One after the other: some make the sandbox's token page fail.
    @Suite(.serialized) struct AccountTests {
        @Test func providersAreListed() async throws {
            let scenario = try await Scenario.start()
            let list = ListProviders(merchantShopId: scenario.cast.merchant, dailyOrders: 2000)
            let listed = try await scenario.accepted(scenario.merchant(list)).body(ProvidersListed.self)
            let offer = try #require(listed.providers.first)
            #expect(offer.provider == .jdFulfillment && offer.recommendedMode == .standard && offer.modes.count == 2)
        }

        @Test func aWarehouseIsLinkedRefreshedAndRevoked() async throws {
            let scene = try await PinScene.start()
            let asked = try await scene.scenario.accepted(scene.begin { $0.dailyOrders = 10 })
            let request = try asked.body(ConsentRequested.self)
            #expect(asked.message.key.map { String(decoding: $0, as: UTF8.self) } == scene.key)
            #expect(asked.subject == scene.authorizationId && request.recommendedMode == .convenient && request.prerequisites.count == 3)

            let redirect = try await scene.sandbox.consent(request.authorizeUrl, account: scene.pin, subscribe: true)
            let complete = scene.complete(redirect)
            let granted = try await scene.scenario.accepted(complete).body(Granted.self)
            #expect(granted.messageSubscription && granted.source == .partner && granted.warehouseId == scene.authorizationId)
            let created = try await scene.client.event(WarehouseCreated.self, key: scene.key)
            #expect(created.causationId == complete.id)
            #expect(try created.body(WarehouseCreated.self).code == "\(scene.warehouse)-\(scene.department)-\(scene.pin)")
            let row = try await scene.warehouseRow { $0.state == .active }
            #expect(row.merchantShopId == scene.cast.merchant && row.messageSubscription && row.authorizationId == scene.authorizationId)
            let credential = try await scene.credential(version: 1)
            #expect(credential.account == scene.key && credential.provider == "jd-fulfillment" && credential.expiresAt != nil)

            let refreshed = try await scene.scenario.accepted(scene.refresh())
            #expect(refreshed.type == Refreshed.type)
            _ = try await scene.credential(version: 2)

            let revoke = scene.revoke()
            #expect(try await scene.scenario.accepted(revoke).type == Revoked.type)
            let closed = try await scene.client.event(WarehouseClosed.self, key: scene.key)
            #expect(closed.causationId == revoke.id)
            _ = try await scene.warehouseRow { $0.state == .closed }
            try await scene.credentialGone()
            try await scene.scenario.refused(scene.refresh(), .notAuthorized)
            try await scene.scenario.refused(scene.revoke(), .notAuthorized)
            noSecretsOnTopics(scene)
        }

        /// No token of the account's, and no secret of an application's, is on any topic.
        private func noSecretsOnTopics(_ scene: PinScene) {
            let seen = scene.client.seen { $0.key?.contains(scene.authorizationId) == true || $0.key == scene.key }
            #expect(seen.count > 5)
            for record in seen {
                let text = record.text ?? ""
                #expect(!text.contains("jd-secret") && !text.contains("access_token") && !text.contains("accessToken"))
            }
        }

        @Test func sellersOwnApplication() async throws {
            let scene = try await PinScene.start()
            let appKey = uniqueName("app")
            try await scene.sandbox.control(
                "seed",
                .object([
                    (
                        "apps",
                        .array([
                            .object([("partner", .string("jd")), ("key", .string(appKey)), ("secret", .string("own-secret"))])
                        ])
                    )
                ]))
            try await scene.scenario.refused(scene.begin { $0.mode = .standard }, .appCredentialsRequired, field: "appKey")
            let configuration = scene.scenario.system.broker.configuration
            let foreign = try await AppSecret.seal("own-secret", boundTo: "jd-fulfillment:other", configuration)
            try await scene.scenario.refused(
                scene.begin {
                    $0.mode = .standard
                    $0.appKey = appKey
                    $0.appSecretSealed = foreign
                }, .invalid, field: "appSecretSealed")
            let sealed = try await AppSecret.seal("own-secret", boundTo: scene.key, configuration)
            try await scene.grant {
                $0.mode = .standard
                $0.appKey = appKey
                $0.appSecretSealed = sealed
            }
            _ = try await scene.credential(version: 1)
        }

        @Test func aClearSecretIsRefusedAndNotRepeated() async throws {
            let scene = try await PinScene.start()
            var command = scene.begin { $0.mode = .standard }
            let text = String(decoding: command.value ?? [], as: UTF8.self)
            command.value = Array((text.dropLast() + #","appKey":"k","appSecret":"very-secret"}"#).utf8)
            let refused = try await scene.scenario.refused(command, .invalid, field: "appSecret")
            #expect(!refused.message.contains("very-secret"))
        }

        @Test func onePinBelongsToOneMerchant() async throws {
            let scene = try await PinScene.start()
            let rival = try await scene.rival()
            // Both ask before either is granted: the department is the first one's at JD, and the rival names it too.
            let first = try await scene.agreed()
            let second = try await rival.agreed {
                $0.departmentCode = scene.department; $0.warehouseCode = scene.warehouse
            }
            #expect(try await scene.scenario.accepted(scene.complete(first)).type == Granted.type)
            try await rival.scenario.refused(rival.complete(second), .pinLinkedToOtherMerchant)
            try await rival.scenario.refused(rival.begin(), .pinLinkedToOtherMerchant)
            // Several warehouses of one merchant under the same account.
            let other = uniqueName("authorization")
            try await scene.grant(other) { $0.warehouseCode = scene.otherWarehouse }
            _ = try await scene.warehouseRow(other) { $0.state == .active && $0.warehouseCode == scene.otherWarehouse }
            try await scene.scenario.accepted(scene.revoke())
            try await rival.scenario.refused(rival.begin(), .pinLinkedToOtherMerchant)
            try await scene.scenario.accepted(scene.revoke(other))
            try await rival.grant {
                $0.departmentCode = scene.department; $0.warehouseCode = scene.warehouse
            }
            #expect(try await rival.warehouseRow { $0.state == .active }.merchantShopId == rival.cast.merchant)
        }

        @Test func onePinBelongsToOneMerchantAlsoWhenBothCompleteAtOnce() async throws {
            let scene = try await PinScene.start()
            let rival = try await scene.rival()
            for round in 1...8 {
                let mine = scene.complete(try await scene.agreed())
                let theirs = rival.complete(
                    try await rival.agreed {
                        $0.departmentCode = scene.department; $0.warehouseCode = scene.warehouse
                    })
                // Neither waits for the other, and each is first in turn.
                let answers = try await withThrowingTaskGroup(of: Received.self) { group in
                    for command in round % 2 == 0 ? [mine, theirs] : [theirs, mine] {
                        group.addTask { try await scene.client.answer(to: command) }
                    }
                    return try await group.reduce(into: [Received]()) { $0.append($1) }
                }
                let granted = answers.filter { $0.type == Granted.type }
                try #require(granted.count == 1, "round \(round): \(answers.map { $0.text ?? "" })")
                #expect(answers.compactMap(\.refused?.code) == [.pinLinkedToOtherMerchant])
                let winner = granted[0].causationId == mine.id ? scene : rival
                let loser = granted[0].causationId == mine.id ? rival : scene
                let again = loser.begin {
                    $0.departmentCode = scene.department; $0.warehouseCode = scene.warehouse
                }
                try await loser.scenario.refused(again, .pinLinkedToOtherMerchant)
                try await winner.scenario.accepted(winner.revoke())
            }
            let grants = scene.client.seen { $0.key == scene.key && $0.type == Granted.type }
            #expect(grants.count == 8)
        }

        /// While the sandbox's tokens live for so many seconds.
        private func granting(_ scene: PinScene, tokenSeconds: Int) async throws -> Granted {
            let redirect = try await scene.agreed()
            try await scene.sandbox.control("settings", .object([("accessTokenSeconds", .int(tokenSeconds))]))
            let answer = try await scene.client.answer(to: scene.complete(redirect))
            try await scene.sandbox.control("settings", .object([("accessTokenSeconds", .int(86_400))]))
            return try answer.body(Granted.self)
        }

        @Test func aTokenIsRefreshedByItselfBeforeItEnds() async throws {
            let scene = try await PinScene.start()
            let granted = try await granting(scene, tokenSeconds: 5)
            let refreshed = try await scene.client.event(Refreshed.self, key: scene.key)
            #expect(Timestamp.now < granted.expiresAt)
            #expect(try refreshed.body(Refreshed.self).expiresAt.milliseconds > granted.expiresAt.milliseconds + 80_000_000)
            _ = try await scene.credential(version: 2)
            #expect(scene.client.seen { $0.key == scene.key && $0.type == Refreshed.type }.count == 1)
        }

        @Test func aTokenThatEndsByItselfSuspendsTheWarehouseUntilTheSameAccountConsents() async throws {
            let scene = try await PinScene.start()
            _ = try await granting(scene, tokenSeconds: 5)
            try await scene.sandbox.control("tokens/expire", .object([("owner", .string(scene.pin)), ("refresh", .bool(true))]))
            let expired = try await scene.client.event(Expired.self, key: scene.key)
            #expect(try expired.body(Expired.self).warehouseId == scene.authorizationId)
            _ = try await scene.client.event(WarehouseSuspended.self, key: scene.key)
            _ = try await scene.warehouseRow { $0.state == .suspended }
            try await scene.credentialGone()
            try await scene.scenario.refused(scene.refresh(), .notAuthorized)

            try await scene.grant()
            _ = try await scene.client.event(WarehouseResumed.self, key: scene.key)
            let row = try await scene.warehouseRow { $0.state == .active && $0.version > 2 }
            #expect(row.warehouseId == scene.authorizationId && row.authorizationId == scene.authorizationId)
            _ = try await scene.credential(version: 2)
            #expect(try await scene.scenario.accepted(scene.refresh()).type == Refreshed.type)
        }

        @Test func anEndedTokenSuspendsTheWarehouseUntilANewConsent() async throws {
            let scene = try await PinScene.start()
            try await scene.grant()
            _ = try await scene.credential(version: 1)
            try await scene.sandbox.control("tokens/expire", .object([("owner", .string(scene.pin)), ("refresh", .bool(true))]))
            let expired = try await scene.scenario.accepted(scene.refresh())
            #expect(expired.type == Expired.type)
            #expect(try expired.body(Expired.self).warehouseId == scene.authorizationId)
            _ = try await scene.client.event(WarehouseSuspended.self, key: scene.key)
            _ = try await scene.warehouseRow { $0.state == .suspended }
            try await scene.credentialGone()
            try await scene.scenario.refused(try await scene.rival().begin(), .pinLinkedToOtherMerchant)
            let orderId = try await scene.scenario.place()
            var allocate = scene.cast.allocate(orderId)
            allocate.target = Target(.warehouse, scene.authorizationId)
            try await scene.scenario.refused(scene.scenario.merchant(allocate), .targetNotAvailable)

            let renewed = uniqueName("authorization")
            try await scene.grant(renewed)
            _ = try await scene.client.event(WarehouseResumed.self, key: scene.key)
            let row = try await scene.warehouseRow { $0.state == .active && $0.authorizationId == renewed }
            #expect(row.warehouseId == scene.authorizationId && row.version >= 3)
        }

        @Test func aReportedTokenIsRefreshed() async throws {
            let scene = try await PinScene.start()
            try await scene.grant()
            _ = try await scene.credential(version: 1)
            var report = ReportToken(authorizationId: scene.authorizationId, service: .shipping, version: 1)
            try await scene.scenario.refused(scene.command(report), .forbidden)
            #expect(try await scene.scenario.accepted(scene.command(report, as: Actor(.service, "shipping"))).type == Refreshed.type)
            _ = try await scene.credential(version: 2)
            report.authorizationId = "nobody"
            try await scene.scenario.refused(scene.command(report, as: Actor(.service, "shipping")), .notFound)
        }

        @Test func whatThePartnerDecides() async throws {
            let scene = try await PinScene.start()
            let department = scene.complete(try await scene.agreed { $0.departmentCode = "EBU0" })
            #expect(try await scene.failure(of: department).reason == .departmentUnknown)
            let warehouse = scene.complete(try await scene.agreed { $0.warehouseCode = "999" })
            #expect(try await scene.failure(of: warehouse).reason == .warehouseUnknown)
            let good = try await scene.agreed()
            let spoilt = good.split(separator: "&").map { $0.contains("code=") ? "\($0)x" : String($0) }.joined(separator: "&")
            let rejected = try await scene.failure(of: scene.complete(spoilt))
            #expect(rejected.reason == .partnerRejected && rejected.detail?.isEmpty == false)
            try await scene.scenario.refused(scene.complete(good), .consentUsed)
        }

        @Test func byTheOtherInterfaceAndWithAnAnswerThatIsLost() async throws {
            let scene = try await PinScene.start()
            let redirect = try await scene.agreed { $0.api = .isc }
            try await scene.sandbox.control(
                "faults", .object([("operation", .string("oauth/token")), ("kind", .string("drop")), ("count", .int(1))]))
            #expect(try await scene.failure(of: scene.complete(redirect)).reason == .exchangeLost)
            try await scene.grant { $0.api = .isc }
            #expect(try await scene.warehouseRow { $0.state == .active }.api == "isc")
            #expect(try await scene.scenario.accepted(scene.refresh()).type == Refreshed.type)
        }

        @Test func subscriptionByTheUserAndByNobody() async throws {
            let scene = try await PinScene.start()
            try await scene.sandbox.control("settings", .object([("subscriptionReport", .string("none"))]))
            let byUser = try await scene.scenario.accepted(scene.complete(try await scene.agreed(), subscribed: true)).body(Granted.self)
            let byNobody = try await scene.scenario.accepted(scene.complete(try await scene.agreed())).body(Granted.self)
            try await scene.sandbox.control("settings", .object([("subscriptionReport", .string("callback"))]))
            // The console takes the callback's query for the partner's report.
            let byPartner = scene.complete(try await scene.agreed(subscribe: true), as: Actor(.partner, "jd-fulfillment"))
            let reported = try await scene.scenario.accepted(byPartner).body(Granted.self)
            try await scene.sandbox.control("settings", .object([("subscriptionReport", .string("token"))]))
            #expect(byUser.messageSubscription && byUser.source == .user)
            #expect(!byNobody.messageSubscription && byNobody.source == .default)
            #expect(reported.messageSubscription && reported.source == .partner)
        }
    }
}

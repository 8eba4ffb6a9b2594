import Contracts
import JSON
import Machines
import Testing
import Threads

@testable import StateMachines

extension WidestTests {
    // MARK: Shipping

    @Test(arguments: Widest.Edge.allCases)
    func shipments(_ edge: Widest.Edge) throws {
        let widest = Widest(edge)
        let refused = try widest.make(Refused.self)
        var inputs: [ShipmentMachine.Input] = [
            .allocated(
                try widest.make(Allocated.self) {
                    $0.target = Target(.factory, Widest.factory)
                    $0.channelId = edge == .least ? Widest.channel : Widest.channelId(.pinduoduo, of: Widest.merchant)
                }),
            .sealed(try widest.make(AllocationSealed.self)), .returned(try widest.make(Returned.self)),
            .readdressed(try widest.make(Readdressed.self)),
            .ship(try widest.make(Ship.self) { $0.returnAddressId = nil }),
            .ship(try widest.make(Ship.self) { $0.allocationId = nil }),
            .deallocated(try widest.make(Deallocated.self)), .voided(try widest.make(Voided.self)),
            .amend(try widest.make(Amend.self) { $0.waybillNumber = "SF1000000000009" }), .claimed(try widest.make(Claimed.self)),
            .allocationRefused(refused, orderId: widest.orderId), .waybillRefused(refused, orderId: widest.orderId),
            .orderHeld(try widest.make(OrderHeld.self)),
            .orderCancelled(try widest.make(OrderCancellationNoted.self)),
        ]
        for target in UploadTarget.allCases { inputs.append(.retryUpload(try widest.make(RetryUpload.self) { $0.target = target })) }
        try expect(
            "\(edge)",
            Explorer<ShipmentMachine>(
                inputs: inputs, actors: Widest.actors, tables: try widest.tables(),
                answers: { effect in
                    let failure = UploadOutcome.Failure(.partnerRejected, AbsurdPartner.text, partnerCode: AbsurdPartner.text)
                    let outcomes = [UploadOutcome.confirmed, .failed(failure), .failed(failure, isShipped: true)]
                    return switch effect {
                    case let effect as MarketplaceUpload: outcomes.map { .uploaded(.marketplace, effect.task, $0) }
                    case let effect as ERPUpload: outcomes.map { .uploaded(.erp, effect.task, $0) }
                    default: []
                    }
                }), reaches: ["allocation seal", "ready", "shipped"])
    }

    @Test(arguments: Widest.Edge.allCases)
    func warehouseOrders(_ edge: Widest.Edge) throws {
        let widest = Widest(edge)
        var allocated = try widest.make(Allocated.self) { $0.target = Target(.warehouse, Widest.warehouse) }
        // A line without sku goes to no warehouse.
        for index in allocated.lines.indices where allocated.lines[index].sku.isEmpty { allocated.lines[index].sku = "\u{1}" }
        var inputs: [ShipmentMachine.Input] = [
            .allocated(allocated), .sealed(try widest.make(AllocationSealed.self)),
            .resealed(try widest.make(RecipientResealed.self)), .resealed(try widest.make(RecipientResealed.self) { $0.sealedFrom = nil }),
            .recipientRefused(try widest.make(RecipientRefused.self)),
            .pullStatus(
                try widest.make(PullStatus.self) {
                    $0.orderId = widest.orderId; $0.inboundId = nil
                }),
            .orderHeld(try widest.make(OrderHeld.self)), .cancelOutbound(try widest.make(CancelOutbound.self)),
        ]
        let pushed = try widest.make(ReportStatus.self) {
            $0.orderId = widest.orderId
            $0.inboundId = nil
            $0.allocationId = nil
            $0.partner = Provider.jdFulfillment.rawValue
            $0.partnerNumber = Widest.filled(200)
        }
        inputs += AbsurdPartner.outboundReadings.filter { $0.code.count < 10 }.prefix(6).map { .reportStatus(pushed, $0) }
        try expect(
            "\(edge)",
            Explorer<ShipmentMachine>(
                inputs: inputs, actors: Widest.actors, tables: try widest.tables(),
                answers: { effect in
                    switch effect {
                    case let effect as OutboundCreation:
                        [
                            .created(effect, .created(partnerNumber: Widest.filled(200), carrier: "JD")),
                            .created(effect, .rejected(AbsurdPartner.refusal)), .created(effect, .closed), .created(effect, .absent),
                        ]
                    case let effect as OutboundCancellation:
                        [.cancelEnded(effect, .cancelled), .cancelEnded(effect, .failed(reason: AbsurdPartner.text))]
                    case let effect as OutboundQuery:
                        // All absurd texts come by in turn.
                        AbsurdPartner.outboundReadings.enumerated().filter { $0.offset % 6 == 0 || $0.element.code == "10020" }
                            .map { .queried(effect, .reading($0.element)) }
                            + [
                                .queried(effect, .rejected(AbsurdPartner.refusal)), .queried(effect, .closed),
                                .queried(effect, .notSubscribed),
                            ]
                    default: []
                    }
                }),
            reaches: ["allocation seal", "effect create-outbound", "outbound-created", "outbound-status", "outbound-rejected", "shipped"])
    }

    @Test(arguments: Widest.Edge.allCases)
    func inboundOrders(_ edge: Widest.Edge) throws {
        let widest = Widest(edge)
        try expect(
            "\(edge)",
            Explorer<InboundMachine>(
                inputs: [
                    .create(try widest.make(CreateInbound.self)),
                    .pullStatus(
                        try widest.make(PullStatus.self) {
                            $0.inboundId = Widest.inbound; $0.orderId = nil
                        }),
                ], actors: Widest.actors, tables: try widest.tables(),
                answers: { effect in
                    switch effect {
                    case let effect as InboundCreation:
                        [
                            .created(effect, .created(partnerNumber: Widest.filled(200))),
                            .created(effect, .rejected(AbsurdPartner.refusal)),
                            .created(effect, .closed),
                        ]
                    case let effect as InboundQuery:
                        AbsurdPartner.inboundReadings.map { .queried(effect, .reading($0)) }
                            + [.queried(effect, .rejected(AbsurdPartner.refusal)), .queried(effect, .closed)]
                    default: []
                    }
                }), reaches: ["inbound-created", "inbound-status", "refused partner-rejected"])
    }

    @Test(arguments: Widest.Edge.allCases)
    func stock(_ edge: Widest.Edge) throws {
        let widest = Widest(edge)
        let pulls = [
            try widest.make(PullStock.self) { $0.skus = nil },
            try widest.make(PullStock.self) { $0.skus = ["", AbsurdPartner.text] },
        ]
        let levels =
            AbsurdPartner.texts.map { StockCount(sku: $0, good: .max, damaged: .max) }
            + [StockCount(sku: "S", good: .min, damaged: -1), StockCount(sku: "T", good: .max, damaged: .max)]
        try expect(
            "\(edge)",
            Explorer<StockMachine>(
                inputs: pulls.map { .pull($0) }, actors: Widest.actors, tables: try widest.tables(),
                answers: { effect in
                    guard let effect = effect as? StockQuery else { return [] }
                    return [
                        .pulled(effect, .levels(levels, asOf: Timestamp(milliseconds: 1_700_000_000_000))),
                        .pulled(effect, .rejected(AbsurdPartner.refusal)), .pulled(effect, .closed),
                    ]
                }), reaches: ["stock-reported", "row stock", "refused partner-rejected"])
        let policy = try widest.make(PolicySet.self) {
            $0.merchantShopId = Widest.merchant
            $0.factoryShopId = nil
            $0.syncStock = true
        }
        try expect(
            "\(edge)",
            Explorer<StockSyncMachine>(
                inputs: [.policy(policy)], actors: Widest.actors, tables: try widest.tables(),
                answers: { ($0 as? StockTimer).map { [.due($0)] } ?? [] }), reaches: ["shipping pull-stock", "effect sync-stock"])
    }

    // MARK: Authorization

    private static let replies: [TokenReply] = {
        var tokens = ProtectedTokens()
        tokens.access = AbsurdPartner.text
        tokens.refresh = AbsurdPartner.text
        tokens.expiresAt = Timestamp(milliseconds: 253_402_300_799_999)
        tokens.refreshExpiresAt = tokens.expiresAt
        var owned = tokens
        owned.ownerId = AbsurdPartner.text
        var brief = tokens
        brief.refresh = nil
        return [.tokens(tokens), .tokens(owned), .tokens(brief), .failed(.partnerRejected, AbsurdPartner.text)]
    }()

    @Test(arguments: Widest.Edge.allCases)
    func accounts(_ edge: Widest.Edge) throws {
        let widest = Widest(edge)
        let pin = edge == .most ? Widest.filled(200) : "P"
        let key = "jd-fulfillment:\(pin)"
        let sealed = try widest.make(Sealed.self)
        let begin = try widest.make(Begin.self) {
            $0.merchantShopId = Widest.merchant
            $0.provider = .jdFulfillment
            $0.mode = .standard
            $0.pin = pin
            $0.departmentCode = Widest.filled(64)
            $0.warehouseCode = Widest.filled(64)
            $0.appKey = Widest.filled(64)
            $0.appSecretSealed = sealed
            $0.redirectUri = nil
            $0.channelId = nil
        }
        let secrets = OpensAll()
        let tables = try widest.tables()
        tables.warehouses = [:]
        var inputs: [AccountMachine.Input] = [
            .begin(begin), .refresh(try widest.make(Refresh.self) { $0.channelId = nil }),
            .revoke(try widest.make(Revoke.self) { $0.channelId = nil }),
            .reportToken(try widest.make(ReportToken.self)),
            .complete(try widest.make(Complete.self) { $0.channelId = nil }),
            .sealOutdated(try widest.make(AccountSealOutdated.self) { $0.account = key }),
        ]
        // The state of a consent is known only when it was asked for.
        let asked = try Explorer<AccountMachine>.consents(.begin(begin), key, tables, secrets)
        for state in asked {
            inputs.append(
                .complete(
                    try widest.make(Complete.self) {
                        $0.channelId = nil
                        $0.redirectUrl = nil
                        $0.code = Widest.filled(1000)
                        $0.state = state
                    }))
        }
        try expect(
            "\(edge)",
            Explorer<AccountMachine>(
                inputs: inputs, actors: Widest.actors, tables: tables, secrets: secrets, settings: .withApplications(), key: key,
                answers: { effect in
                    switch effect {
                    case let effect as ExchangeCode: Self.replies.map { .exchanged(effect, $0) }
                    case let effect as VerifyCodes:
                        [.verified(effect, .known), .verified(effect, .failed(.departmentUnknown, AbsurdPartner.text))]
                    case let effect as RefreshToken: Self.replies.map { .refreshed(effect, $0) }
                    case let effect as TokenEnds: [.ended(effect)]
                    case let effect as SealCredential: [.sealed(effect, sealed)]
                    default: []
                    }
                },
                items: { item in
                    guard let claim = item as? OwnerClaim else { return [] }
                    return [true, false].map { .owned(OwnerAnswer(claim, isGranted: $0)) }
                }), reaches: ["consent-requested", "granted", "warehouse-created", "consent-failed"])
    }

    @Test(arguments: Widest.Edge.allCases)
    func owners(_ edge: Widest.Edge) throws {
        let widest = Widest(edge)
        let claim = try widest.make(OwnerClaim.self)
        try expect(
            "\(edge)",
            Explorer<OwnerMachine>(
                inputs: [
                    .claim(claim), .claim(try widest.make(OwnerClaim.self) { $0.authorizationId = "other" }),
                    .claim(try widest.make(OwnerClaim.self) { $0.merchantShopId = Widest.factory }),
                    .release(OwnerRelease(owner: claim.owner, account: claim.account, authorizationId: claim.authorizationId)),
                    .release(try widest.make(OwnerRelease.self)),
                ], actors: Widest.actors), reaches: ["tell owner"])
    }

    @Test(arguments: Widest.Edge.allCases)
    func channels(_ edge: Widest.Edge) throws {
        let widest = Widest(edge)
        let key = PartnerAccount.key(ofChannel: Widest.channel)
        let create = try widest.make(CreateChannel.self) {
            $0.merchantShopId = Widest.merchant
            $0.factoryShopId = nil
            $0.platform = .pinduoduo
            $0.platformShopId = "1"
            $0.company = Widest.filled(200)
            let contact = ChannelContact(name: Widest.filled(200), phone: Widest.filled(40))
            $0.contact = contact
            $0.appKey = nil
            $0.appSecretSealed = nil
        }
        let begin = try widest.make(Begin.self) {
            $0.merchantShopId = nil
            $0.provider = nil
            $0.mode = nil
            $0.pin = nil
            $0.redirectUri = nil
            $0.channelId = Widest.channel
        }
        let tables = try widest.tables()
        let sealed = try widest.make(Sealed.self)
        let secrets = OpensAll()
        let policy = try widest.make(SetPolicy.self) {
            $0.downloadOrders = true
            $0.orderTypes = [.own]
        }
        var inputs: [ChannelMachine.Input] = [
            .create(create), .begin(begin), .refresh(try widest.make(Refresh.self)), .revoke(try widest.make(Revoke.self)),
            .reportToken(try widest.make(ReportToken.self)),
            .sealOutdated(try widest.make(ChannelSealOutdated.self) { $0.account = key }),
            .download(.pushed(try widest.make(OrderPushed.self) { $0.channelId = Widest.channel })),
            .download(
                .pushed(
                    try widest.make(OrderPushed.self) {
                        $0.channelId = Widest.channel
                        $0.order.shopMask = nil
                    })),
            .setPolicy(policy),
        ]
        var tokens: [TokenReply] = []
        for reply in Self.replies {
            guard case .tokens(var known) = reply else { continue }
            known.ownerId = "1"
            tokens.append(.tokens(known))
        }
        for state in try Explorer<ChannelMachine>.consents(after: [.create(create)], .begin(begin), key, tables, secrets) {
            inputs.append(
                .complete(
                    try widest.make(Complete.self) {
                        $0.channelId = Widest.channel
                        $0.redirectUrl = nil
                        $0.code = Widest.filled(1000)
                        $0.state = state
                    }))
        }
        let seen = try widest.make(OrderSeen.self)
        // From its beginning, and from where it can be granted.
        for first in [[], [.create(create), .setPolicy(policy), .begin(begin)]] as [[ChannelMachine.Input]] {
            try expect(
                "\(edge) \(first.count)",
                Explorer<ChannelMachine>(
                    inputs: inputs, first: first, actors: Widest.actors, tables: tables, secrets: secrets, settings: .withApplications(),
                    key: key,
                    answers: { effect in
                        switch effect {
                        case let effect as ExchangeChannelCode: (Self.replies + tokens).map { .exchanged(effect, $0) }
                        case let effect as RefreshChannelToken: (Self.replies + tokens).map { .refreshed(effect, $0) }
                        case let effect as ChannelTokenEnds: [.ended(effect)]
                        case let effect as SealChannelCredential: [.sealed(effect, sealed)]
                        case let effect as DownloadOrders where effect.bounds == nil:
                            [
                                .download(.page(effect, .nothingYet)),
                                .download(.page(effect, .refused(code: AbsurdPartner.text, detail: AbsurdPartner.text))),
                            ]
                        case let effect as DownloadOrder: [.download(.order(effect, .seen(seen)))]
                        case let effect as PermitMessages:
                            [.download(.permitted(effect, .done)), .download(.permitted(effect, .tokenRefused))]
                        default: []
                        }
                    }), reaches: first.isEmpty ? ["channel-created", "consent-requested", "granted", "policy-set"] : ["granted"])
        }
        try expect(
            "\(edge)", Explorer<ProvidersMachine>(inputs: [.list(try widest.make(ListProviders.self))], actors: Widest.actors),
            reaches: ["providers-listed"])
    }

    @Test(arguments: Widest.Edge.allCases)
    func seenOrders(_ edge: Widest.Edge) throws {
        let widest = Widest(edge)
        try expect(
            "\(edge)",
            Explorer<SeenOrderMachine>(
                inputs: [
                    .order(
                        try widest.make(OrderSeen.self) {
                            $0.isCancelled = false
                            $0.isUnderRisk = false
                        }), .order(try widest.make(OrderSeen.self) { $0.isCancelled = true }),
                    .afterSale(try widest.make(AfterSaleSeen.self)),
                ], actors: Widest.actors), reaches: edge == .most ? ["fact placed"] : [])
    }
}

extension Explorer where Machine == AccountMachine {
    /// The states of the consents that are asked for.
    static func consents(_ begin: Machine.Input, _ key: String, _ tables: MemoryTables, _ secrets: OpensAll) throws -> [String] {
        try consents(after: [], begin, key, tables, secrets)
    }
}

extension Explorer {
    /// The states of the consents that are asked for once these inputs were taken.
    static func consents(
        after first: [Machine.Input], _ begin: Machine.Input, _ key: String, _ tables: MemoryTables, _ secrets: OpensAll
    ) throws -> [String] {
        var found: [String] = []
        let explorer = Explorer(
            inputs: first + [begin], actors: Widest.actors, tables: tables, secrets: secrets, settings: .withApplications(), key: key)
        try explorer.run { emission in
            if case .event(let message as ConsentRequested, _, _) = emission, !found.contains(message.state) { found.append(message.state) }
        }
        return Array(found.prefix(3))
    }
}

import Contracts
import TestSupport
import Testing

/// One row of the contract's command tables (section 4): a command with good fields, and who may send it.
struct CommandRow: Sendable, CustomTestStringConvertible {
    let command: Outgoing
    let actor: Actor
    /// Others who may.
    var alsoAllowed: [Actor] = []

    var type: String { command.header(EnvelopeHeader.type) ?? "" }
    var entry: CatalogEntry? { Catalog.entry(type) }
    var testDescription: String { type }

    /// - Parameter key: where no field of the message is the key.
    init(_ message: some Contracts.Message, by actor: Actor, or alsoAllowed: [Actor] = [], key: String? = nil) {
        command = .command(message, as: actor, key: key)
        self.actor = actor
        self.alsoAllowed = alsoAllowed
    }

    /// Somebody of each kind who may not: another shop, the owner under another kind, an operator, a partner, a service.
    var wrongActors: [Actor] {
        let others = Actor.Kind.allCases.flatMap { [Actor($0, actor.id), Actor($0, "somebody-else")] }
        return others.filter { $0 != actor && !alsoAllowed.contains($0) }
    }

    func sent(by actor: Actor?) -> Outgoing {
        command.setting(EnvelopeHeader.id, uniqueName("cmd")).setting(EnvelopeHeader.actor, actor?.description)
    }
}

/// Every command of the five services; a test compares them with the catalogue. Nothing of what they name exists.
enum CommandRows {
    fileprivate static let cast = Cast()
    private static let shipping = Actor(.service, "shipping")
    private static let order = uniqueName("order")
    private static var allocation: String { "\(order)/1" }

    static let all = binding + allocations + waybill + shipments + authorization

    /// Those that a name is enough for while `DAIFA_AUTH=off`; of the others nothing is looked at without a `daifa-mac`, which
    /// `RequiredCodeTests` gives them.
    static let byName = all.filter { $0.entry?.needsMAC == false }

    static var binding: [CommandRow] {
        let (merchant, factory) = (cast.asMerchant, cast.asFactory)
        // Addresses are of shops that may have no role yet: either kind of actor owns them.
        let asEither = [Actor(.factory, cast.merchant)]
        return [
            CommandRow(cast.registerMerchant, by: merchant), CommandRow(cast.registerFactory, by: factory),
            CommandRow(cast.updateProfile(alias: "x"), by: merchant, or: asEither),
            CommandRow(cast.putAddress("a", kind: .sender), by: merchant, or: asEither),
            CommandRow(cast.removeAddress("a"), by: merchant, or: asEither), CommandRow(cast.apply, by: merchant),
            CommandRow(cast.approve, by: factory), CommandRow(cast.decline, by: factory), CommandRow(cast.withdraw, by: merchant),
            CommandRow(cast.unbind, by: merchant, or: [factory]),
        ]
    }

    static var allocations: [CommandRow] {
        let seal = Seal(orderId: order, allocationId: allocation)
        let release = Release(orderId: order, allocationId: allocation, reason: .targetRejected)
        return [
            CommandRow(cast.allocate(order), by: cast.asMerchant), CommandRow(cast.deallocate(order), by: cast.asMerchant),
            CommandRow(cast.putRule("r", skus: ["s"]), by: cast.asMerchant), CommandRow(cast.removeRule("r"), by: cast.asMerchant),
            CommandRow(cast.approveOrder(order), by: cast.asMerchant), CommandRow(seal, by: shipping), CommandRow(release, by: shipping),
        ]
    }

    static var waybill: [CommandRow] {
        let reprint = ReportReprint(orderId: order, allocationId: allocation, factoryShopId: cast.factory, reason: "torn")
        return [
            CommandRow(reprint, by: cast.asFactory),
            CommandRow(cast.topUp("YTO", "YT0000000000001", "YT0000000000002"), by: cast.asFactory),
            CommandRow(cast.obtain(order, allocation), by: cast.asFactory),
            CommandRow(cast.markPrinted(order, allocation), by: cast.asFactory),
            CommandRow(
                cast.return(order, allocation, number: Cast.waybillNumber()), by: cast.asFactory, or: [Actor(.service, "waybill")]),
            CommandRow(cast.cancel(order, allocation), by: cast.asFactory),
            CommandRow(claim(order, allocation, number: Cast.waybillNumber()), by: shipping),
            CommandRow(openLabel, by: Actor(.service, "console")),
        ]
    }

    private static var openLabel: OpenLabel {
        OpenLabel(
            orderId: order, allocationId: allocation, factoryShopId: cast.factory, jobId: "job",
            publicKey: String(repeating: "A", count: 43) + "=")
    }

    static func claim(_ orderId: String, _ allocationId: String, number: String) -> Claim {
        Claim(orderId: orderId, allocationId: allocationId, carrier: "YTO", waybillNumber: number)
    }

    static var shipments: [CommandRow] {
        let own = [
            CommandRow(cast.ship(order), by: cast.asMerchant),
            CommandRow(cast.amend(order, allocation, number: Cast.waybillNumber()), by: cast.asMerchant),
        ]
        return own + partners
    }

    /// Commands that need a partner: answered `not-found`, as nothing that they name exists.
    static var partners: [CommandRow] {
        let retry = RetryUpload(orderId: order, allocationId: allocation, target: .marketplace)
        let pull = PullStatus(orderId: order, merchantShopId: cast.merchant)
        let inbound = CreateInbound(
            inboundId: uniqueName("inbound"), merchantShopId: cast.merchant, warehouseId: "warehouse",
            lines: [StockLine(sku: "s", quantity: 1)])
        let pullInbound = PullStatus(inboundId: inbound.inboundId, merchantShopId: cast.merchant)
        let cancel = CancelOutbound(orderId: order, allocationId: allocation, merchantShopId: cast.merchant)
        let stock = PullStock(warehouseId: uniqueName("warehouse"), merchantShopId: cast.merchant)
        let report = ReportStatus(orderId: order, partner: "jd-fulfillment", partnerNumber: "CSL1", statusCode: "10020", occurredAt: .now)
        return [
            // The data names no merchant: any merchant may ask, and learns that there is nothing.
            CommandRow(retry, by: cast.asMerchant, or: [Actor(.merchant, "somebody-else")]), CommandRow(pull, by: cast.asMerchant),
            CommandRow(pullInbound, by: cast.asMerchant), CommandRow(inbound, by: cast.asMerchant), CommandRow(cancel, by: cast.asMerchant),
            CommandRow(stock, by: cast.asMerchant, or: [shipping]), CommandRow(report, by: Actor(.partner, "jd-fulfillment")),
        ]
    }
}

extension CommandRows {
    static var authorization: [CommandRow] {
        let key = "jd-fulfillment:\(uniqueName("pin"))"
        let merchant = cast.asMerchant
        let list = ListProviders(merchantShopId: cast.merchant)
        let begin = Begin(
            authorizationId: uniqueName("authorization"), merchantShopId: cast.merchant, provider: .jdFulfillment, mode: .convenient,
            pin: String(key.dropFirst("jd-fulfillment:".count)), departmentCode: "EBU1", warehouseCode: "110")
        let complete = Complete(authorizationId: begin.authorizationId, code: "c", state: "s")
        let refresh = Refresh(authorizationId: begin.authorizationId, merchantShopId: cast.merchant)
        let revoke = Revoke(authorizationId: begin.authorizationId, merchantShopId: cast.merchant)
        let report = ReportToken(authorizationId: begin.authorizationId, service: .shipping, version: 1)
        return [
            CommandRow(list, by: merchant), CommandRow(begin, by: merchant, key: key),
            CommandRow(complete, by: merchant, or: anybody, key: key), CommandRow(refresh, by: merchant, key: key),
            CommandRow(revoke, by: merchant, key: key),
            CommandRow(report, by: shipping, or: [Actor(.service, "waybill"), Actor(.service, "authorization")], key: key),
        ] + channels
    }

    private static var channels: [CommandRow] {
        let channel = cast.pinduoduoChannel(uniqueName("channel"), mall: "1000", ofFactory: false)
        let policy = SetPolicy(
            channelId: channel.channelId, downloadOrders: false, orderTypes: [], transferToAudit: false, uploadLogistics: false,
            syncStock: false)
        let key = "channel:\(channel.channelId)"
        return [
            CommandRow(channel, by: cast.asMerchant, key: key), CommandRow(policy, by: cast.asMerchant, or: anybody, key: key),
        ]
    }

    /// The data names no shop: whoever asks learns that there is nothing.
    private static var anybody: [Actor] {
        Actor.Kind.allCases.flatMap { [Actor($0, cast.merchant), Actor($0, "somebody-else")] }
    }
}

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

/// Every command of the five services. Nothing of what they name exists.
enum CommandRows {
    fileprivate static let cast = Cast()
    private static let shipping = Actor(.service, "shipping")
    private static let order = uniqueName("order")
    private static var allocation: String { "\(order)/1" }

    static let all = binding + allocations + waybill + shipments + authorization

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
        var seal = Seal()
        seal.orderId = order
        seal.allocationId = allocation
        var release = Release()
        release.orderId = order
        release.allocationId = allocation
        return [
            CommandRow(cast.allocate(order), by: cast.asMerchant), CommandRow(cast.deallocate(order), by: cast.asMerchant),
            CommandRow(cast.putRule("r", skus: ["s"]), by: cast.asMerchant), CommandRow(cast.removeRule("r"), by: cast.asMerchant),
            CommandRow(cast.approveOrder(order), by: cast.asMerchant), CommandRow(seal, by: shipping), CommandRow(release, by: shipping),
        ]
    }

    static var waybill: [CommandRow] {
        var reprint = ReportReprint()
        reprint.orderId = order
        reprint.allocationId = allocation
        reprint.factoryShopId = cast.factory
        reprint.reason = "torn"
        return [
            CommandRow(reprint, by: cast.asFactory),
            CommandRow(cast.topUp("YTO", "YT0000000000001", "YT0000000000002"), by: cast.asFactory),
            CommandRow(cast.obtain(order, allocation), by: cast.asFactory),
            CommandRow(cast.markPrinted(order, allocation), by: cast.asFactory),
            CommandRow(cast.return(order, allocation, number: Cast.waybillNumber()), by: cast.asFactory),
            CommandRow(cast.cancel(order, allocation), by: cast.asFactory),
            CommandRow(claim(order, allocation, number: Cast.waybillNumber()), by: shipping),
        ]
    }

    static func claim(_ orderId: String, _ allocationId: String, number: String) -> Claim {
        var claim = Claim()
        claim.orderId = orderId
        claim.allocationId = allocationId
        claim.carrier = "YTO"
        claim.waybillNumber = number
        return claim
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
        var retry = RetryUpload()
        retry.orderId = order
        retry.allocationId = allocation
        var pull = PullStatus()
        pull.orderId = order
        pull.merchantShopId = cast.merchant
        var inbound = CreateInbound()
        inbound.inboundId = uniqueName("inbound")
        inbound.merchantShopId = cast.merchant
        inbound.warehouseId = "warehouse"
        var line = StockLine()
        line.sku = "s"
        line.quantity = 1
        inbound.lines = [line]
        var pullInbound = PullStatus()
        pullInbound.inboundId = inbound.inboundId
        pullInbound.merchantShopId = cast.merchant
        var cancel = CancelOutbound()
        cancel.orderId = order
        cancel.allocationId = allocation
        cancel.merchantShopId = cast.merchant
        var stock = PullStock()
        stock.warehouseId = uniqueName("warehouse")
        stock.merchantShopId = cast.merchant
        var report = ReportStatus()
        report.orderId = order
        report.partner = "jd-fulfillment"
        report.partnerNumber = "CSL1"
        report.statusCode = "10020"
        report.occurredAt = .now
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
        var list = ListProviders()
        list.merchantShopId = cast.merchant
        var begin = Begin()
        begin.authorizationId = uniqueName("authorization")
        begin.merchantShopId = cast.merchant
        begin.provider = .jdFulfillment
        begin.mode = .convenient
        begin.pin = String(key.dropFirst("jd-fulfillment:".count))
        begin.departmentCode = "EBU1"
        begin.warehouseCode = "110"
        var complete = Complete()
        complete.authorizationId = begin.authorizationId
        complete.code = "c"
        complete.state = "s"
        var refresh = Refresh()
        refresh.authorizationId = begin.authorizationId
        refresh.merchantShopId = cast.merchant
        var revoke = Revoke()
        revoke.authorizationId = begin.authorizationId
        revoke.merchantShopId = cast.merchant
        return [
            CommandRow(list, by: merchant), CommandRow(begin, by: merchant, key: key),
            CommandRow(complete, by: merchant, or: anybody, key: key), CommandRow(refresh, by: merchant, key: key),
            CommandRow(revoke, by: merchant, key: key),
        ] + channels
    }

    private static var channels: [CommandRow] {
        var channel = CreateChannel()
        channel.channelId = uniqueName("channel")
        channel.merchantShopId = cast.merchant
        channel.name = "店"
        channel.platformShopId = "1000"
        channel.company = "公司"
        channel.contact = ChannelContact()
        channel.contact?.name = "老李"
        channel.contact?.phone = "13900000000"
        var policy = SetPolicy()
        policy.channelId = channel.channelId
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

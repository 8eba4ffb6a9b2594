import Contracts
import JSON
import Partners

/// The messages of a demonstration. Their ids derive from run, key and step.
struct DemoSteps {
    let scenario: DemoScenario
    let plan: DemoPlan
    let numbers: DemoNumbers
    let ids: StableIds

    private func merchant(_ index: Int) -> DemoScenario.Merchant { scenario.merchants[index] }
    private func factory(_ index: Int) -> DemoScenario.Factory { scenario.factories[index] }

    func id(_ key: String, _ name: String) -> String { ids.id(scenario.run, key, name) }

    private func command<Command: Message>(
        _ service: ServiceName, _ message: Command, key: String, by actor: Actor, name: String, refused: RefusalCode? = nil
    ) -> DemoStep {
        DemoStep(
            service: service, type: Command.type, key: key, actor: actor, id: id(key, name), body: message.json,
            expected: refused.map { .refused(code: $0.rawValue) } ?? .accepted)
    }

    // MARK: Shops

    private static func address(_ city: String, _ district: String, _ detail: String) -> Address {
        Address(country: "CN", province: "浙江省", city: city, district: district, detail: detail)
    }

    func registrations() -> [DemoStep] {
        let merchants = scenario.merchants.map { merchant in
            let command = RegisterMerchant(
                shopId: merchant.shopId, shopAlias: merchant.alias,
                sender: Sender(
                    name: merchant.alias, phone: "057100000000", address: Self.address("杭州市", "余杭区", "文一西路1号")),
                acceptedTerms: Terms.required)
            return self.command(.binding, command, key: merchant.shopId, by: Actor(.merchant, merchant.shopId), name: "register")
        }
        let factories = scenario.factories.map { factory in
            let command = RegisterFactory(
                shopId: factory.shopId, name: factory.name, contact: Contact(name: "\(factory.name)客服", phone: "057900000000"),
                address: Self.address("金华市", "义乌市", "北苑街道1号"))
            return self.command(.binding, command, key: factory.shopId, by: Actor(.factory, factory.shopId), name: "register")
        }
        return merchants + factories
    }

    func returnAddresses() -> [DemoStep] {
        scenario.merchants.map { merchant in
            let command = PutAddress(
                shopId: merchant.shopId, addressId: "returns", kind: .return, name: "\(merchant.alias)退货组", phone: "057100000001",
                address: Self.address("杭州市", "余杭区", "文一西路2号"), default: true)
            return self.command(.binding, command, key: merchant.shopId, by: Actor(.merchant, merchant.shopId), name: "return-address")
        }
    }

    func applications() -> [DemoStep] { pairs().map { apply($0, $1, name: "apply-\($1)") } }

    /// A pair that is active already cannot be applied for.
    func needlessApplication() -> DemoStep { apply(0, 0, name: "apply-again", refused: .bindingExists) }

    private func pairs() -> [(merchant: Int, factory: Int)] {
        scenario.merchants.indices.flatMap { merchant in scenario.merchants[merchant].applies.map { (merchant, $0) } }
    }

    private func apply(_ index: Int, _ other: Int, name: String, refused: RefusalCode? = nil) -> DemoStep {
        let command = Apply(merchantShopId: merchant(index).shopId, factoryShopId: factory(other).shopId)
        return self.command(
            .binding, command, key: command.merchantShopId, by: Actor(.merchant, command.merchantShopId), name: name, refused: refused)
    }

    func decisions() -> [DemoStep] {
        pairs().map { pair in
            let merchantShopId = merchant(pair.merchant).shopId
            let factoryShopId = factory(pair.factory).shopId
            let actor = Actor(.factory, factoryShopId)
            guard merchant(pair.merchant).bound.contains(pair.factory) else {
                let decline = Decline(merchantShopId: merchantShopId, factoryShopId: factoryShopId, reason: "本月产能已满")
                return command(.binding, decline, key: factoryShopId, by: actor, name: "decide-\(pair.merchant)")
            }
            let approve = Approve(merchantShopId: merchantShopId, factoryShopId: factoryShopId)
            return command(.binding, approve, key: factoryShopId, by: actor, name: "decide-\(pair.merchant)")
        }
    }

    func rule() -> DemoStep {
        let rule = PutRule(
            merchantShopId: merchant(0).shopId, ruleId: "cups", match: RuleMatch(skuPrefix: DemoScenario.rulePrefix),
            target: Target(.factory, factory(DemoScenario.ruleFactory).shopId))
        return command(.allocation, rule, key: rule.merchantShopId, by: Actor(.merchant, rule.merchantShopId), name: "rule")
    }

    /// As many numbers as orders are to get from each pool, and not one more.
    func pools() -> [DemoStep] {
        scenario.factories.indices.compactMap { index in
            let count = plan.orders.count { $0.isReturned && $0.number == .pool && $0.lastFactory == index }
            guard count > 0 else { return nil }
            let segment = DemoNumbers.segment(of: factory(index), count: count)
            let topUp = TopUp(
                factoryShopId: factory(index).shopId, carrier: factory(index).carrier, first: segment.first, last: segment.last)
            return command(.waybill, topUp, key: topUp.factoryShopId, by: Actor(.factory, topUp.factoryShopId), name: "pool")
        }
    }

    // MARK: Allocation

    func allocate(_ index: Int, to target: Int? = nil, name: String = "allocate", refused: RefusalCode? = nil) -> DemoStep {
        let order = plan.orders[index]
        let allocate = Allocate(
            orderId: order.orderId, merchantShopId: merchant(order.merchant).shopId,
            target: Target(.factory, factory(target ?? order.factory).shopId))
        return command(
            .allocation, allocate, key: order.orderId, by: Actor(.merchant, allocate.merchantShopId), name: name, refused: refused)
    }

    func deallocate(_ index: Int) -> DemoStep {
        let order = plan.orders[index]
        let deallocate = Deallocate(
            orderId: order.orderId, merchantShopId: merchant(order.merchant).shopId, allocationId: "\(order.orderId)/1")
        return command(.allocation, deallocate, key: order.orderId, by: Actor(.merchant, deallocate.merchantShopId), name: "deallocate")
    }

    /// The marketplace tells that a buyer wants his money back, or that it reviews the order.
    func fact(_ index: Int, _ takeBack: DemoPlan.TakeBack) -> DemoStep {
        let order = plan.orders[index]
        let name = "fact"
        let (type, body): (String, [UInt8])
        if takeBack == .risk {
            let held = RiskHeld(orderId: order.orderId)
            (type, body) = (RiskHeld.type, held.json)
        } else {
            let opened = AfterSaleOpened(orderId: order.orderId, afterSaleId: id(order.orderId, "after-sale"), kind: "refund")
            (type, body) = (AfterSaleOpened.type, opened.json)
        }
        return DemoStep(
            service: nil, type: type, key: order.orderId, actor: Actor(.partner, "pinduoduo"), id: id(order.orderId, name), body: body)
    }

    // MARK: Waybill and shipping

    func obtain(_ index: Int, refused: RefusalCode? = nil) -> DemoStep {
        let order = plan.orders[index]
        let obtain = Obtain(
            orderId: order.orderId, allocationId: order.allocationId, factoryShopId: factory(order.lastFactory).shopId,
            carrier: factory(order.lastFactory).carrier)
        return command(.waybill, obtain, key: order.orderId, by: Actor(.factory, obtain.factoryShopId), name: "obtain", refused: refused)
    }

    func markPrinted(_ index: Int) -> DemoStep {
        let order = plan.orders[index]
        let printed = MarkPrinted(
            orderId: order.orderId, allocationId: order.allocationId, factoryShopId: factory(order.lastFactory).shopId)
        return command(.waybill, printed, key: order.orderId, by: Actor(.factory, printed.factoryShopId), name: "print")
    }

    func giveBack(
        _ index: Int, _ number: String, extra: [String]? = nil, carrier: String = DemoNumbers.ownCarrier, name: String = "return",
        refused: RefusalCode? = nil
    ) -> DemoStep {
        let order = plan.orders[index]
        let giveBack = Return(
            orderId: order.orderId, allocationId: order.allocationId, factoryShopId: factory(order.lastFactory).shopId, carrier: carrier,
            waybillNumber: number, extraNumbers: extra)
        return command(.waybill, giveBack, key: order.orderId, by: Actor(.factory, giveBack.factoryShopId), name: name, refused: refused)
    }

    func ship(_ index: Int, name: String = "ship", refused: RefusalCode? = nil) -> DemoStep {
        let order = plan.orders[index]
        let ship = Ship(orderId: order.orderId, merchantShopId: merchant(order.merchant).shopId)
        return command(.shipping, ship, key: order.orderId, by: Actor(.merchant, ship.merchantShopId), name: name, refused: refused)
    }
}

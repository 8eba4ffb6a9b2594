import Contracts
import JSON
import Machines
import Testing
import Threads

@testable import StateMachines

/// What was accepted can always be stored and read again (contract, section 2): every machine is fed every message at the edges of its rules,
/// and what partners may answer at worst.
@Suite struct WidestTests {
    /// All that was put into the store or published can be read; and the machine got as far as these.
    /// - Parameter variant: tells the explorations of one line apart.
    func expect<Machine: StateMachine>(
        _ variant: String, _ explorer: Explorer<Machine>, reaches names: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let findings = try WidestCoverage.findings("\(sourceLocation) \(variant)") { try explorer.run() }
        if let coverage = WidestCoverage.current { return coverage.add(Machine.self, fed: findings.fed) }
        #expect(findings.problems.isEmpty, "\(findings.problems.sorted().joined(separator: "\n"))", sourceLocation: sourceLocation)
        for name in names {
            #expect(
                findings.seen.contains(name), "\(Machine.self) never came to \(name), only to \(findings.seen.sorted())",
                sourceLocation: sourceLocation)
        }
    }

    // MARK: Binding

    @Test(arguments: Widest.Edge.allCases)
    func shops(_ edge: Widest.Edge) throws {
        let widest = Widest(edge)
        let address = try widest.make(PutAddress.self)
        let terms = ["e-waybill-service", "platform-waybill"]
        try expect(
            "\(edge)",
            Explorer<ShopMachine>(
                inputs: [
                    .registerMerchant(
                        try widest.make(RegisterMerchant.self) {
                            $0.acceptedTerms = terms
                            $0.senderAddressId = nil
                            if $0.sender == nil { $0.sender = try? widest.make(Sender.self) }
                        }),
                    .registerMerchant(
                        try widest.make(RegisterMerchant.self) {
                            $0.acceptedTerms = terms
                            $0.sender = nil
                            $0.senderAddressId = address.addressId
                        }),
                    .updateProfile(
                        try widest.make(UpdateProfile.self) {
                            $0.name = nil
                            $0.contact = nil
                            $0.address = nil
                            $0.senderAddressId = nil
                        }),
                    .putAddress(address), .removeAddress(try widest.make(RemoveAddress.self)), .apply(try widest.make(Apply.self)),
                ], actors: Widest.actors, tables: try widest.tables()),
            reaches: ["merchant-registered", "address-put", "address-removed", "tell merchant-to-factory"]
                + (edge == .required ? [] : ["profile-updated"]))
        try expect(
            "\(edge)",
            Explorer<ShopMachine>(
                inputs: [
                    .registerFactory(try widest.make(RegisterFactory.self) { $0.shopId = Widest.factory }),
                    .updateProfile(
                        try widest.make(UpdateProfile.self) {
                            $0.shopId = Widest.factory
                            $0.shopAlias = nil
                            $0.sender = nil
                            $0.senderAddressId = nil
                        }), .introduction(try widest.make(MerchantToFactory.self)),
                ], actors: Widest.actors, tables: try widest.tables()),
            reaches: ["factory-registered", "tell factory-to-pair"])
    }

    @Test(arguments: Widest.Edge.allCases)
    func pairs(_ edge: Widest.Edge) throws {
        let widest = Widest(edge)
        try expect(
            "\(edge)",
            Explorer<PairMachine>(
                inputs: [
                    .introduction(try widest.make(FactoryToPair.self) { $0.introduction.applies = true }),
                    .introduction(try widest.make(FactoryToPair.self) { $0.introduction.applies = false }),
                    .approve(try widest.make(Approve.self)), .decline(try widest.make(Decline.self)),
                    .withdraw(try widest.make(Withdraw.self)), .unbind(try widest.make(Unbind.self)),
                ], actors: Widest.actors, tables: try widest.tables()),
            reaches: ["applied", "approved", "declined", "withdrawn", "unbound", "row bindings"])
    }

    // MARK: Allocation

    @Test(arguments: Widest.Edge.allCases, ["", "pdd-fds:"])
    func orders(_ edge: Widest.Edge, _ prefix: String) throws {
        var widest = Widest(edge)
        widest.orderId = Widest.filled(180, prefix)
        let tables = try widest.tables()
        tables.put(
            try widest.make(RuleRow.self) {
                $0.match.skuPrefix = nil; $0.match.skus = ["S0"]
            })
        let warehouse = Target(.warehouse, Widest.warehouse)
        let sealed = Verbatim(try widest.make(Sealed.self))
        func placed(holds: [PlacedHold]?) throws -> OrderPlaced {
            try widest.make(OrderPlaced.self) {
                $0.allocatedTo = prefix.isEmpty ? nil : Widest.factory
                $0.holds = holds
                $0.recipient.sealed = sealed
            }
        }
        try expect(
            "\(edge)",
            Explorer<OrderMachine>(
                inputs: [
                    .placed(try placed(holds: [.awaitingAudit])), .placed(try placed(holds: nil)),
                    .addressChanged(try widest.make(AddressChanged.self) { $0.recipient.sealed = sealed }),
                    .afterSaleOpened(try widest.make(AfterSaleOpened.self)), .afterSaleClosed(try widest.make(AfterSaleClosed.self)),
                    .afterSaleClosed(try widest.make(AfterSaleClosed.self) { $0.outcome = OrderMachine.refunded }),
                    .riskHeld(try widest.make(RiskHeld.self)), .riskCleared(try widest.make(RiskCleared.self)),
                    .cancelled(try widest.make(OrderCancelled.self)), .unallocated(try widest.make(OrderUnallocated.self)),
                    .reassigned(try widest.make(OrderReassigned.self)),
                    .allocate(try widest.make(Allocate.self) { $0.lines = nil }),
                    .allocate(
                        try widest.make(Allocate.self) {
                            $0.target = warehouse; $0.lines = nil
                        }),
                    .allocate(try widest.make(Allocate.self)), .deallocate(try widest.make(Deallocate.self)),
                    .deallocate(try widest.make(Deallocate.self) { $0.allocationId = nil }),
                    .approve(try widest.make(ApproveOrder.self)), .seal(try widest.make(Seal.self)),
                    .release(try widest.make(Release.self)),
                    // Only authorization says which factory a platform gave an order to.
                ], actors: Widest.actors + [Actor(.service, ServiceName.authorization.rawValue)], tables: tables,
                answers: { ($0 as? OrderShredding).map { [.shreds($0)] } ?? [] }),
            reaches: [
                "order-registered", "order-held", "order-released", "order-cancelled", "allocated", "deallocated", "sealed",
                "recipient-changed", "refused invalid",
            ])
    }

    @Test(arguments: Widest.Edge.allCases)
    func rules(_ edge: Widest.Edge) throws {
        let widest = Widest(edge)
        try expect(
            "\(edge)",
            Explorer<RuleMachine>(
                inputs: [
                    .put(
                        try widest.make(PutRule.self) {
                            $0.match.skus = nil; $0.match.skuPrefix = Widest.filled(200)
                        }),
                    .put(
                        try widest.make(PutRule.self) {
                            $0.match.skus = ["", Widest.filled(5000)]; $0.match.skuPrefix = nil
                        }),
                    .remove(try widest.make(RemoveRule.self)),
                ], actors: Widest.actors), reaches: ["rule-put", "rule-removed", "row rules"])
    }

    // MARK: Waybill

    @Test(arguments: Widest.Edge.allCases, ["", "pdd-fds:"])
    func parcels(_ edge: Widest.Edge, _ prefix: String) throws {
        var widest = Widest(edge)
        widest.orderId = Widest.filled(180, prefix)
        let allocated = try widest.make(Allocated.self) { $0.target = Target(.factory, Widest.factory) }
        let stored = try widest.make(Allocated.self) {
            $0.target = Target(.warehouse, Widest.warehouse)
            $0.allocationId = "\(widest.orderId)/2"
        }
        let sealed = try widest.make(Sealed.self)
        try expect(
            "\(edge) \(prefix)",
            Explorer<ParcelMachine>(
                inputs: [
                    .allocated(allocated), .allocated(stored), .deallocated(try widest.make(Deallocated.self)),
                    .recipientChanged(try widest.make(RecipientChanged.self)), .shipped(try widest.make(Shipped.self)),
                    .obtain(try widest.make(Obtain.self)), .markPrinted(try widest.make(MarkPrinted.self)),
                    .reportReprint(try widest.make(ReportReprint.self)),
                    .return(try widest.make(Return.self) { $0.extraNumbers = nil }),
                    .return(try widest.make(Return.self) { $0.extraNumbers = ["SF1000000000002", "SF1000000000003"] }),
                    .cancel(try widest.make(Cancel.self)), .claim(try widest.make(Claim.self)),
                ]
                    + ParcelAnswer.Outcome.allCases.map { outcome in
                        .answer(try! widest.make(ParcelAnswer.self) { $0.outcome = outcome })
                    },
                actors: Widest.actors, tables: try widest.tables(),
                answers: { effect in
                    switch effect {
                    case let effect as Resealing:
                        [.resealed(effect, .sealed(sealed)), .resealed(effect, .refused(AbsurdPartner.refusal))]
                    case let effect as PlatformCall:
                        [
                            .platform(effect, .done),
                            .platform(effect, .refused(PlatformRefusal(code: AbsurdPartner.text, AbsurdPartner.text))),
                        ]
                            + (AbsurdPartner.texts + [widest.waybillNumber]).map {
                                .platform(
                                    effect, .obtained(number: $0, PlatformLabel(template: AbsurdPartner.text, data: AbsurdPartner.text)))
                            }
                    case let effect as ERPOrderCreation:
                        AbsurdPartner.texts.map { .erp(.created(effect, .created($0))) }
                            + [.erp(.created(effect, .refused(ERPRefusal(code: AbsurdPartner.text, AbsurdPartner.text))))]
                    case let effect as ERPOrderCancellation:
                        [.erp(.cancelled(effect, .cancelled)), .erp(.cancelled(effect, .refused(ERPRefusal(AbsurdPartner.text))))]
                    case let effect as RecipientShredding: [.shreds(effect)]
                    default: []
                    }
                },
                isPossible: { state, input in
                    // That a pool is empty is an answer to `obtain` alone: other commands name their numbers.
                    guard case .answer(let answer) = input, answer.outcome == .empty else { return true }
                    return state.parcel(answer.allocationId)?.pending?.first?.kind == .obtain
                }),
            reaches: ["opened", "voided"]
                + (prefix.isEmpty ? ["tell claim", "obtained", "returned", "refused number-pool-empty"] : ["effect platform-waybill"])
                + (edge == .required ? [] : ["effect reseal"]))
    }

    @Test(arguments: Widest.Edge.allCases)
    func numbers(_ edge: Widest.Edge) throws {
        let widest = Widest(edge)
        try expect(
            "\(edge)",
            Explorer<NumberMachine>(
                inputs: try NumberClaim.Kind.allCases.map { kind in .claim(try widest.make(NumberClaim.self) { $0.kind = kind }) }
                    + [true, false].map { keep in .settle(try widest.make(NumberClaimResolved.self) { $0.keep = keep }) },
                actors: Widest.actors), reaches: ["tell answer"])
        try expect(
            "\(edge)",
            Explorer<PoolMachine>(
                inputs: [.topUp(try widest.make(TopUp.self)), .take(try widest.make(PoolNumberRequest.self))], actors: Widest.actors),
            reaches: ["topped-up", "tell claim"])
    }

    @Test(arguments: Widest.Edge.allCases)
    func numbersOfAnERP(_ edge: Widest.Edge) throws {
        let widest = Widest(edge)
        let policy = try widest.make(PolicySet.self) {
            $0.factoryShopId = Widest.factory
            $0.merchantShopId = nil
            $0.platform = .jackyun
            $0.uploadLogistics = true
        }
        try expect(
            "\(edge)",
            Explorer<FactoryNumbersMachine>(
                inputs: [.policy(policy)], actors: Widest.actors, tables: try widest.tables(),
                answers: { effect in
                    guard let effect = effect as? NumberFetch, effect.page == nil else { return [] }
                    let shipments = AbsurdPartner.texts.map {
                        ERPShipment(allocationId: $0, carrier: $0, waybillNumber: $0, extraNumbers: [$0])
                    }
                    return [
                        .fetched(effect, .refused(ERPRefusal(code: AbsurdPartner.text, AbsurdPartner.text))),
                        .fetched(effect, .page(shipments, next: AbsurdPartner.text, to: Timestamp(milliseconds: 1_700_000_000_000))),
                    ]
                }), reaches: ["effect fetch-numbers", "number-fetch-failed"])
    }
}

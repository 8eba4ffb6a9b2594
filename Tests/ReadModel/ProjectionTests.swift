import Contracts
import JSON
import Testing
import Threads

@testable import ReadModel

@Suite struct ProjectionTests {
    // MARK: Every type

    @Test func everyMessageOfTheCatalogueIsProjectedOrNamedWithTheReasonWhyNot() {
        for entry in Catalog.entries where entry.kind == .event || entry.kind == .fact || entry.kind == .row {
            let isIgnored = ReadModelTopics.ignored[entry.type] != nil
            #expect(isIgnored != Self.projected.contains(entry.type), "\(entry.type) is to be in one of the two lists")
        }
        for type in ReadModelTopics.ignored.keys {
            #expect(Catalog.entry(type) != nil, "\(type) is no message of the catalogue")
        }
    }

    private static let projected: Set<String> = [
        OrderPlaced.type, AddressChanged.type, OrderRegistered.type, OrderHeld.type, OrderReleased.type, OrderCancellationNoted.type,
        Allocated.type, Deallocated.type, RecipientChanged.type, AllocationSealed.type, ToppedUp.type, Opened.type, Obtained.type,
        Printed.type, ReprintReported.type, Returned.type, WaybillCancelled.type, Claimed.type, Voided.type, Readdressed.type,
        RecipientRefused.type, ERPOrderCreated.type, ERPOrderCancelled.type, ERPOrderFailed.type, Ready.type, Unready.type, Shipped.type,
        Amended.type, UploadConfirmed.type, UploadFailed.type, OutboundCreated.type, OutboundRejected.type, OutboundStatus.type,
        OutboundOverdue.type, OutboundCancelling.type, OutboundCancelled.type, OutboundCancelFailed.type, InboundCreated.type,
        InboundStatus.type, InboundOverdue.type, ReportIgnored.type, ConsentRequested.type, Granted.type, ConsentFailed.type,
        Refreshed.type, Expired.type, Revoked.type, WarehouseCreated.type, Applied.type, Table.participants.rowType,
        Table.bindings.rowType, Table.rules.rowType, Table.warehouses.rowType, Table.stock.rowType, Table.channels.rowType,
    ]

    @Test func aRecordThatCannotBeReadIsCountedAndPassedOver() throws {
        var log = Log()
        log.add(ServiceName.allocation.events, key: "o1", type: Allocated.type, Array("{".utf8))
        log.placed("o2")
        let model = try Model()
        let applied = try model.model.apply(log.records)
        #expect(applied.unreadable == 1)
        #expect(try model.orders() == ["o2"])
    }

    // MARK: States

    private func order(_ id: String = "o1", _ fill: (inout Log) -> Void) throws -> OrderView? {
        var log = Log()
        fill(&log)
        return try Model(log).model.order(id, merchant: "m1")
    }

    @Test func anOrderGoesFromOpenToShipped() throws {
        let steps: [(fill: (inout Log) -> Void, state: OrderStateName, actions: [String])] = [
            ({ $0.placed("o1") }, .open, ["allocate"]),
            ({ $0.allocated("o1", quantity: 1) }, .partly, ["allocate", "deallocate"]),
            ({ $0.allocated("o1", 2, factory: "f2", quantity: 1) }, .allocated, ["deallocate"]),
            ({ $0.returned("o1", 2, factory: "f2", number: "SF2") }, .allocated, ["deallocate", "ship"]),
            ({ $0.returned("o1") }, .ready, ["deallocate", "ship"]),
            ({ $0.shipped("o1") }, .ready, ["deallocate", "ship", "amend"]),
            ({ $0.shipped("o1", 2, factory: "f2", number: "SF2") }, .shipped, ["amend"]),
        ]
        var log = Log()
        for step in steps {
            step.fill(&log)
            let view = try #require(try Model(log).model.order("o1", merchant: "m1"))
            #expect(view.state == step.state)
            #expect(view.actions == step.actions)
        }
    }

    @Test func holdsAndCancellationComeBeforeProgressAndShippedBeforeHolds() throws {
        let held = OrderHeld(orderId: "o1", merchantShopId: "m1", holds: [.afterSale])
        let heldView = try order {
            $0.placed("o1")
            $0.event(held)
        }
        #expect(heldView?.state == .held)
        #expect(heldView?.holds == [.afterSale])
        #expect(heldView?.actions == [])
        let shippedView = try order {
            $0.placed("o1")
            $0.allocated("o1")
            $0.returned("o1")
            $0.shipped("o1")
            $0.event(held)
        }
        #expect(shippedView?.state == .shipped)
        let cancelled = try order {
            $0.placed("o1")
            $0.event(held)
            $0.event(OrderCancellationNoted(orderId: "o1", merchantShopId: "m1"))
        }
        #expect(cancelled?.state == .cancelled)
        let audit = try order {
            $0.placed("o1")
            $0.event(OrderHeld(orderId: "o1", merchantShopId: "m1", holds: [.awaitingAudit]))
        }
        #expect(audit?.actions == ["approve-order"])
    }

    @Test func whatWasTakenBackDoesNotCount() throws {
        let view = try order {
            $0.placed("o1")
            $0.allocated("o1")
            $0.event(
                Deallocated(
                    orderId: "o1", allocationId: "o1/1", merchantShopId: "m1", target: Target(.factory, "f1"), reason: .merchant))
        }
        #expect(view?.state == .open)
        #expect(view?.allocations.first?.state == .deallocated)
        #expect(view?.allocations.first?.reason == "merchant")
        #expect(view?.lines.first?.allocated == 0)
    }

    @Test func theFirstPlacedThatAllocationTookCounts() throws {
        let view = try order {
            $0.placed("o1", remark: "first")
            $0.event(
                OrderPlaced(
                    orderId: "o1", merchantShopId: "m2", platform: "p", platformOrderNumber: "X", placedAt: Timestamp(milliseconds: 1),
                    remark: "forged", lines: [PlacedLine(lineId: "9", sku: "", name: "", spec: "", quantity: 9)],
                    recipient: PlacedRecipient(province: "a", city: "b", district: "c")), id: "other")
        }
        #expect(view?.remark == "first")
        #expect(view?.merchantShopId == "m1")
        #expect(view?.lines.map(\.quantity) == [2])
    }

    @Test func anAddressThatAllocationDidNotTakeIsNotShown() throws {
        let area = PlacedRecipient(province: "新省", city: "新市", district: "")
        var log = Log()
        log.placed("o1")
        log.event(AddressChanged(orderId: "o1", recipient: area), id: "c1")
        #expect(try Model(log).model.order("o1", merchant: "m1")?.area?.province == "新省")
        let change = try #require(log.records.last)
        log.add(
            ServiceName.allocation.dead, key: "o1", type: AddressChanged.type, id: "c1",
            extra: [
                LogRecord.Header("x-dead-reason", Array("unauthorized".utf8)), LogRecord.Header("x-dead-topic", Array(Topics.orders.utf8)),
                LogRecord.Header("x-dead-partition", Array("\(change.partition)".utf8)),
                LogRecord.Header("x-dead-offset", Array("\(change.offset)".utf8)),
            ], change.value)
        // The letter may be read before the fact, which lies in another topic.
        let (letters, others) = (log.records.filter { $0.topic.hasSuffix(".dead") }, log.records.filter { !$0.topic.hasSuffix(".dead") })
        for records in [others + letters, letters + others] {
            #expect(try Model(records).model.order("o1", merchant: "m1")?.area?.province == "浙江省")
        }
    }

    @Test func aParcelGoesItsWayAndIsStoppedWhenItsAllocationIsTakenBack() throws {
        let steps: [(fill: (inout Log) -> Void, state: ParcelStateName, actions: [String])] = [
            (
                {
                    $0.placed("o1"); $0.allocated("o1")
                }, .open, ["obtain", "return"]
            ),
            (
                {
                    $0.event(
                        Obtained(
                            orderId: "o1", allocationId: "o1/1", merchantShopId: "m1", factoryShopId: "f1", carrier: "SF",
                            waybillNumber: "SF1"))
                }, .obtained, ["obtain", "mark-printed", "return", "cancel"]
            ),
            (
                { $0.event(Printed(orderId: "o1", allocationId: "o1/1", merchantShopId: "m1", factoryShopId: "f1", copies: 2)) }, .printed,
                ["obtain", "mark-printed", "report-reprint", "return", "cancel"]
            ),
            (
                {
                    $0.event(
                        Readdressed(
                            orderId: "o1", allocationId: "o1/1", merchantShopId: "m1", factoryShopId: "f1", stage: .printed, carrier: "SF",
                            waybillNumber: "SF1"))
                }, .obtained, ["obtain", "mark-printed", "return", "cancel"]
            ),
            (
                {
                    $0.event(
                        Voided(
                            orderId: "o1", allocationId: "o1/1", merchantShopId: "m1", factoryShopId: "f1", stage: .printed, carrier: "SF",
                            waybillNumber: "SF1"))
                }, .voided, []
            ),
        ]
        var log = Log()
        for step in steps {
            step.fill(&log)
            let view = try #require(try Model(log).model.parcel("o1/1", factory: "f1"))
            #expect(view.state == step.state)
            #expect(view.actions == step.actions)
            #expect(view.stage == (step.state == .voided ? .printed : nil))
        }
    }

    // MARK: History, answers, what is sealed

    @Test func aHistoryTellsWhoActedAndWhatWasRefused() throws {
        var log = Log()
        log.placed("o1")
        log.allocated("o1")
        log.refuse(
            .shipping, key: "o1",
            Refused(
                commandId: "c9", commandType: Ship.type, actor: Actor(.merchant, "m1"), code: .waybillNotReturned, message: "not yet"))
        log.refuse(
            .allocation, key: "o1",
            Refused(commandId: "c10", commandType: Allocate.type, actor: Actor(.merchant, "m2"), code: .forbidden, message: "not yours"))
        let model = try Model(log).model
        let history = try #require(try model.order("o1", merchant: "m1")?.history)
        #expect(history.map(\.type) == [OrderRegistered.type, Allocated.type, Opened.type, Refused.type(of: .shipping)])
        #expect(history.map(\.actor) == ["service:allocation", "merchant:m1", "merchant:m1", "merchant:m1"])
        #expect(history.map(\.code) == [nil, nil, nil, "waybill-not-returned"])
        #expect(history[1].user == "u1")
        #expect(try model.parcelHistory("o1/1", factory: "f1")?.map(\.type) == [Opened.type])
        #expect(try model.parcelHistory("o1/1", factory: "f2") == nil)
        #expect(try model.trace("o1").map(\.type).first == OrderPlaced.type)
    }

    @Test func aTraceTellsOfCommandsAndWhatTheyCaused() throws {
        var log = Log()
        log.placed("o1")
        log.add(
            ServiceName.allocation.commands, key: "o1", type: Allocate.type, id: "allocate-1", actor: "merchant:m1", user: "u1",
            Array("{}".utf8))
        log.allocated("o1")
        log.add(ServiceName.shipping.commands, key: "o1", type: Ship.type, id: "ship-1", actor: "merchant:m1", Array("{}".utf8))
        log.refuse(
            .shipping, key: "o1",
            Refused(
                commandId: "ship-1", commandType: Ship.type, actor: Actor(.merchant, "m1"), code: .waybillNotReturned, message: "no",
                field: "orderId"))
        log.event(
            Applied(merchantShopId: "m1", factoryShopId: "f1", shopAlias: "A", sender: Log.sender, message: "please"), cause: "apply-1",
            behalf: "merchant:m1")
        let model = try Model(log).model
        #expect(
            try model.trace("o1").map(\.type) == [
                OrderPlaced.type, OrderRegistered.type, Allocate.type, Allocated.type, Opened.type, Ship.type, Refused.type(of: .shipping),
            ])
        let command = try model.trace("allocate-1")
        #expect(command.map(\.type) == [Allocate.type, Allocated.type])
        #expect(command.map(\.topic) == [ServiceName.allocation.commands, ServiceName.allocation.events])
        #expect(try model.trace("ship-1").map(\.type) == [Ship.type, Refused.type(of: .shipping)])
        #expect(try model.trace("apply-1").map(\.type) == [Applied.type])
        #expect(try model.trace("nothing").isEmpty)
        // After a week the commands' ids are forgotten, the order is not.
        try model.age(now: Timestamp(milliseconds: log.time.milliseconds + 8 * 86_400_000))
        #expect(try model.trace("allocate-1").isEmpty && model.trace("apply-1").isEmpty)
        #expect(try model.trace("o1").count == 7)
    }

    @Test func aLongHistoryKeepsTheNewest() throws {
        var log = Log()
        log.placed("o1")
        let model = try Model(log)
        for _ in 0..<5 {
            var more = Log()
            for _ in 0..<500 {
                log.event(OrderHeld(orderId: "o1", merchantShopId: "m1", holds: [.afterSale]))
            }
            more = log
            try model.model.apply(more.records)
        }
        let order = try #require(try model.model.order("o1", merchant: "m1"))
        #expect(order.history?.count == OrderRecord.historyLimit)
        #expect(order.history?.last?.time == log.time)
        #expect(order.version == 2501)
    }

    @Test func nothingSealedIsKeptAndAFactorySeesTheClosedListAlone() throws {
        var log = Log()
        log.placed("o1")
        log.allocated("o1")
        log.returned("o1")
        log.shipped("o1")
        let model = try Model()
        let events = try model.model.apply(log.records).events
        #expect(try !model.everything().contains("secret"))
        let factory = Actor(.factory, "f1")
        let seen = events.filter { $0.isVisible(to: factory) }
        #expect(seen.map(\.type) == [Opened.type, Obtained.type, Printed.type, Returned.type, Ready.type, Shipped.type])
        let texts = seen.map { String(decoding: $0.data(for: factory), as: UTF8.self) }.joined()
        #expect(!texts.contains("SKU-1") && !texts.contains("N-o1") && !texts.contains("secret"))
        let merchants = events.filter { $0.isVisible(to: Actor(.merchant, "m1")) }
        #expect(merchants.contains { $0.type == Allocated.type })
        #expect(merchants.allSatisfy { !String(decoding: $0.data(for: Actor(.merchant, "m1")), as: UTF8.self).contains("secret") })
        #expect(!events.contains { $0.isVisible(to: Actor(.merchant, "m2")) || $0.isVisible(to: Actor(.factory, "f2")) })
    }
}

import Contracts
import JSON
import Testing

@testable import CLI

@Suite struct OrdersTests {
    private func board(_ events: [(String, String)]) -> OrdersBoard {
        var board = OrdersBoard()
        for (type, data) in events { board.take(type: "daifa.\(type).v1", data: Array(data.utf8)) }
        return board
    }

    private let registered = ("allocation.order-registered", "{\"orderId\":\"o\",\"merchantShopId\":\"m\",\"holds\":[]}")
    private let allocated = (
        "allocation.allocated",
        "{\"orderId\":\"o\",\"allocationId\":\"o/1\",\"merchantShopId\":\"m\",\"target\":{\"kind\":\"factory\",\"id\":\"f\"}}"
    )
    private let sealed = ("allocation.sealed", "{\"orderId\":\"o\",\"allocationId\":\"o/1\"}")
    private let takenBack = ("allocation.deallocated", "{\"orderId\":\"o\",\"allocationId\":\"o/1\",\"reason\":\"after-sale\"}")

    private func waybill(_ type: String, _ number: String? = nil) -> (String, String) {
        let fields = number.map { ",\"carrier\":\"SF\",\"waybillNumber\":\"\($0)\"" } ?? ""
        return (type, "{\"orderId\":\"o\",\"allocationId\":\"o/1\"\(fields)}")
    }

    private func states(_ events: [(String, String)]) -> [String] {
        board(events).orders.flatMap { Orders.rows($0.key, $0.value) }.map { "\($0[3]) \($0[4])" }
    }

    @Test func anOrderGoesItsWay() {
        let steps = [
            registered, allocated, waybill("waybill.opened"), waybill("waybill.obtained", "1"), waybill("waybill.printed"),
            waybill("waybill.returned", "2"), waybill("shipping.ready", "2"), sealed, waybill("shipping.shipped", "2"),
            waybill("shipping.amended", "3"),
        ]
        let expected = [
            "open -", "allocated -", "allocated -", "obtained SF 1", "printed SF 1", "ready SF 2", "ready SF 2", "sealed SF 2",
            "shipped SF 2",
            "shipped SF 3",
        ]
        for (count, state) in expected.enumerated() { #expect(states(Array(steps.prefix(count + 1))) == [state]) }
    }

    @Test func topicsMayBeReadInAnyOrder() {
        let allocation = [registered, allocated, sealed]
        let parcel = [waybill("waybill.opened"), waybill("waybill.obtained", "1"), waybill("waybill.returned", "2")]
        let shipping = [waybill("shipping.ready", "2"), waybill("shipping.shipped", "2")]
        let expected = board(allocation + parcel + shipping).orders["o"]
        #expect(expected?.allocations["o/1"]?.state == "shipped")
        for order in [
            [allocation, shipping, parcel], [shipping, parcel, allocation], [parcel, shipping, allocation], [shipping, allocation, parcel],
        ] {
            #expect(board(order.flatMap { $0 }).orders["o"] == expected)
        }
    }

    @Test func whatIsTakenBackLeavesTheOrderOpenOrHeld() {
        let held = ("allocation.order-held", "{\"orderId\":\"o\",\"holds\":[\"after-sale\"]}")
        #expect(states([registered, allocated, takenBack]) == ["taken-back (after-sale) -", "open -"])
        #expect(states([registered, allocated, held, takenBack]) == ["taken-back (after-sale) -", "held -"])
        #expect(states([registered, ("allocation.order-cancelled", "{\"orderId\":\"o\"}")]) == ["cancelled -"])
        #expect(states([registered, allocated, waybill("waybill.obtained", "1"), waybill("waybill.cancelled", "1")]) == ["allocated -"])
    }

    @Test func otherEventsMakeNoOrders() {
        #expect(
            board([("waybill.topped-up", "{\"factoryShopId\":\"f\"}"), ("allocation.refused", "{\"orderId\":\"o\"}"), ("x", "[]")]).orders
                .isEmpty)
        #expect(board([("waybill.refused", "{\"orderId\":\"o\",\"allocationId\":\"o/1\"}")]).orders.isEmpty)
    }

    @Test func allocationsAreInTheirOrder() {
        var order = OrdersBoard.Order()
        for number in [10, 2, 1] { order.allocations["o/\(number)"] = .init() }
        #expect(order.allocationIds == ["o/1", "o/2", "o/10"])
    }

    @Test func countsAreSortedByNumber() {
        #expect(Orders.counts([["", "", "", "open"], ["", "", "", "shipped"], ["", "", "", "shipped"]]) == "3 lines: 2 shipped, 1 open")
        #expect(Orders.counts([]) == "0 lines")
    }

    @Test func columnsAreAligned() { #expect(TextTable.text([["A", "B"], ["long", "c"]]) == "A     B\nlong  c") }
}

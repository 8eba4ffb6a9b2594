import Contracts
import JSON
import Testing
import Threads

@testable import Partners

@Suite struct PinduoduoAfterSaleTests {
    private typealias State = PinduoduoAfterSale

    /// Every number of the order interface.
    @Test(
        arguments: [
            (0, .absent), (2, .open(.refund)), (3, .open(.returnAndRefund)), (4, .open(.refund)), (5, .open(.refund)), (6, .open(.refund)),
            (7, .open(.returnAndRefund)), (8, .open(.unspecified)), (9, .closed), (10, .refunded), (11, .closed), (12, .closed),
            (13, .closed), (14, .open(.exchange)), (15, .open(.exchange)), (16, .closed), (17, .closed), (18, .open(.exchange)),
            (21, .open(.repair)), (22, .open(.repair)), (24, .closed), (25, .closed), (27, .open(.repair)), (31, .open(.refusal)),
            (32, .open(.resend)), (33, .open(.recall)), (1, nil), (19, nil), (26, nil), (34, nil), (-1, nil),
        ] as [(Int, PinduoduoAfterSale?)])
    func orderInterface(_ status: Int, _ expected: PinduoduoAfterSale?) { #expect(PinduoduoAfterSale(orderStatus: status) == expected) }

    /// Every number of the factories' interface: 1 to 12 are not the order interface's.
    @Test(
        arguments: [
            (0, .absent), (1, .open(.unspecified)), (2, .open(.unspecified)), (3, .open(.unspecified)), (4, .open(.refund)), (5, .refunded),
            (6, .closed), (7, .closed), (9, .open(.unspecified)), (10, .open(.returnAndRefund)), (11, .open(.unspecified)), (12, .closed),
            (14, .open(.exchange)), (15, .open(.exchange)), (16, .closed), (17, .closed), (18, .open(.exchange)), (21, .open(.repair)),
            (22, .open(.repair)), (24, .closed), (25, .closed), (27, .open(.repair)), (31, .open(.refusal)), (32, .open(.resend)),
            (8, .open(.unspecified)), (13, .open(.unspecified)), (99, .open(.unspecified)),
        ] as [(Int, PinduoduoAfterSale)])
    func factoryInterface(_ status: Int, _ expected: PinduoduoAfterSale) { #expect(PinduoduoAfterSale(factoryStatus: status) == expected) }

    @Test(
        arguments: [
            (1, 0, .absent), (nil, nil, .absent), (1, nil, .absent), (2, nil, .open(.unspecified)), (3, nil, .open(.refund)),
            (4, nil, .refunded),
            (4, 0, .refunded), (4, 2, .refunded), (1, 10, .refunded), (2, 2, .open(.refund)), (1, 2, .open(.refund)),
            (nil, 3, .open(.returnAndRefund)),
            (1, 11, .closed), (nil, 11, .closed),
            // A new one is open while the old one's end is still told.
            (2, 11, .open(.unspecified)), (3, 0, .open(.refund)), (1, 32, .open(.resend)),
            // Numbers that are not in the table.
            (1, 40, .closed), (2, 40, .open(.unspecified)), (nil, 40, .open(.unspecified)), (4, 40, .refunded),
        ] as [(Int?, Int?, PinduoduoAfterSale)])
    func together(_ refundStatus: Int?, _ orderStatus: Int?, _ expected: PinduoduoAfterSale) {
        #expect(PinduoduoAfterSale(refundStatus: refundStatus, orderStatus: orderStatus) == expected)
    }

    @Test func isOpen() {
        #expect(State.open(.refund).isOpen)
        for state in [State.absent, .closed, .refunded] { #expect(!state.isOpen) }
    }

    /// The page's own example, and its statuses.
    @Test func aRowOfRefunds() throws {
        let refund = try #require(
            PinduoduoRefund(
                try JSONValue.decode(
                    #"{"id":9007199254740993,"order_sn":"190228-355530178612389","after_sales_status":2,"after_sales_type":3,"created_time":"1551612204","updated_time":"2018-04-10 17:18:03","tracking_number":"1"}"#
                )))
        #expect(refund.id == "9007199254740993")
        #expect(refund.orderSn == "190228-355530178612389")
        #expect(refund.state == .open(.returnAndRefund))
        #expect(refund.createdAt?.milliseconds == 1_551_612_204_000)
        #expect(refund.updatedAt?.milliseconds == 1_523_351_883_000)
    }

    @Test(
        arguments: [
            (2, 2, .open(.refund)), (3, 4, .open(.returnAndRefund)), (4, 14, .open(.exchange)), (5, 32, .open(.resend)),
            (6, 21, .open(.repair)),
            (nil, 7, .open(.returnAndRefund)), (2, 10, .refunded), (3, 11, .closed), (2, 99, .open(.refund)),
            (nil, nil, .open(.unspecified)),
        ] as [(Int?, Int?, PinduoduoAfterSale)])
    func stateOfARefund(_ type: Int?, _ status: Int?, _ expected: PinduoduoAfterSale) throws {
        let members: [(String, JSONValue)] = [("id", .int(1)), ("order_sn", .string("o"))]
        let more = [("after_sales_type", type), ("after_sales_status", status)].compactMap { name, value in
            value.map { (name, JSONValue.int($0)) }
        }
        #expect(PinduoduoRefund(.object(members + more))?.state == expected)
    }
}

/// The waybill numbers of a demonstration, all derived from its run and orders.
struct DemoNumbers {
    /// The carrier of numbers that factories have of their own: not one of the pools'.
    static let ownCarrier = "YTO"

    private let own: [String]
    private let extra: [String]

    init(_ plan: DemoPlan, run: String) {
        var taken: Set<String> = []
        func number(_ orderId: String, _ what: String) -> String {
            var attempt = 0
            while true {
                let digits = Self.padded(DemoHash.of("\(run)|\(orderId)|\(what)|\(attempt)") % 10_000_000_000_000, 13)
                if taken.insert(digits).inserted { return "YT\(digits)" }
                attempt += 1
            }
        }
        own = plan.orders.map { number($0.orderId, "own") }
        extra = plan.orders.map { number($0.orderId, "extra") }
    }

    func own(_ index: Int) -> String { own[index] }
    func extra(_ index: Int) -> String { extra[index] }
    /// No carrier has such a number.
    func invalid(_ index: Int) -> String { String(own[index].dropLast()) + "X" }

    /// A segment of so many numbers for a factory's pool.
    static func segment(of factory: DemoScenario.Factory, count: Int) -> (first: String, last: String) {
        var room: UInt64 = 1
        for _ in 0..<factory.numbers.digits { room *= 10 }
        let base = DemoHash.of("\(factory.shopId)|pool") % (room - UInt64(count))
        func number(_ value: UInt64) -> String { factory.numbers.head + padded(value, factory.numbers.digits) }
        return (number(base), number(base + UInt64(count) - 1))
    }

    private static func padded(_ value: UInt64, _ digits: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}

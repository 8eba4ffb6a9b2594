/// Orders that a marketplace gave to a factory by itself: `pdd-fds:<mall_mask_id>:<order_mask_sn>` (contract, section 5).
public enum FactoryDropship {
    public static let prefix = "pdd-fds:"

    public static func isOrder(_ orderId: String) -> Bool { orderId.utf8.starts(with: prefix.utf8) }

    /// - Parameters:
    ///   - mall: the platform's masked id of the shop.
    ///   - order: its masked number of the order.
    public static func orderId(mall: String, order: String) -> String { "\(prefix)\(mall):\(order)" }

    /// The platform's masked ids; nil when the id is none of such an order.
    public static func parse(_ orderId: String) -> (mall: String, order: String)? {
        guard isOrder(orderId) else { return nil }
        let parts = orderId.utf8.dropFirst(prefix.utf8.count).split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, let mall = String(parts[0]), let order = String(parts[1]) else {
            return nil
        }
        return (mall, order)
    }
}

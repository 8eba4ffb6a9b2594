import JSON

/// Actors as the commands' `ce_actor` writes them, as far as people can act for them.
public enum ActorText {
    private static let largestId = 128

    /// `merchant:<shopId>` or `factory:<shopId>`.
    public static func isShop(_ actor: String) -> Bool { shop(actor) != nil }

    /// `operator:<id>`.
    public static func isOperator(_ actor: String) -> Bool { id(of: actor, after: "operator:") != nil }

    /// An actor that somebody can be a member of.
    static func isKnown(_ actor: String) -> Bool { isShop(actor) || isOperator(actor) }

    /// What the shop is, and its id.
    public static func shop(_ actor: String) -> (kind: ShopKind, shopId: String)? {
        for kind in ShopKind.allCases {
            if let id = id(of: actor, after: "\(kind.rawValue):") { return (kind, id) }
        }
        return nil
    }

    /// Byte by byte: Swift takes texts for equal that differ in their normalization.
    static func areEqual(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

    private static func id(of actor: String, after prefix: String) -> String? {
        guard actor.utf8.starts(with: prefix.utf8) else { return nil }
        let id = String(decoding: actor.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        let isWhole = (1...largestId).contains(id.utf8.count) && ComposedText.isNFC(id) && VisibleText.isIn(id)
        return isWhole && !id.unicodeScalars.contains { $0.properties.generalCategory == .control || $0 == "~" } ? id : nil
    }
}

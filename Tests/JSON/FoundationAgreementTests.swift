import Foundation
import JSON
import Testing

private enum Kind: String, JSONEnumeration, Codable { case factory, warehouse }

private struct Line: DefaultInitializable, Codable, Equatable {
    var sku = ""
    var quantity = 0
    var price = 0
    var ratio: Double?
    static let fields = Fields<Line>(
        Field("sku", \.sku), Field("quantity", \.quantity), Field("price", \.price), Field("ratio", \.ratio))
}

private struct Order: DefaultInitializable, Codable, Equatable {
    var orderId = ""
    var remark: String?
    var lines: [Line] = []
    var urgent: Bool?
    var kind: Kind?
    var holds: [String]?
    static let fields = Fields<Order>(
        Field("orderId", \.orderId), Field("remark", \.remark), Field("lines", \.lines), Field("urgent", \.urgent), Field("kind", \.kind),
        Field("holds", \.holds))
}

/// `JSONReader` accepts what Foundation's decoder accepts, with the same values. Its docstring names the exceptions; here they are
/// `isOtherEncoding`, `withoutTrailingCommas`, `lastMembers` and `agrees`, and nothing else.
@Suite struct FoundationAgreementTests {
    private static let decoder = JSONDecoder()
    /// `DAIFA_JSON_DOCUMENTS=1000000` for the long run, `DAIFA_JSON_SEED` for other documents.
    private static let count = ProcessInfo.processInfo.environment["DAIFA_JSON_DOCUMENTS"].flatMap { Int($0) } ?? 50_000
    private static let seed = ProcessInfo.processInfo.environment["DAIFA_JSON_SEED"].flatMap { UInt64($0) } ?? 20_261_124

    @Test func agreesOnMutatedDocuments() {
        var mutations = Mutations(seed: Self.seed)
        var accepted = 0
        var read = 0
        var disagreements = 0
        for number in 0..<Self.count {
            let document = mutations.next()
            let ours = try? JSONValue.decode(document)
            if ours != nil { accepted += 1 }
            let order = try? Order.decode(document)
            if order != nil { read += 1 }
            guard let reason = Self.disagreement(document, ours, order) else { continue }
            disagreements += 1
            if disagreements <= 20 {
                Issue.record(
                    "\(reason), document \(number) of seed \(Self.seed): \(String(decoding: document, as: UTF8.self).prefix(400).debugDescription)"
                )
            }
        }
        #expect(disagreements == 0)
        // Were all refused, nothing would be compared.
        #expect(accepted > Self.count / 10)
        #expect(read > Self.count / 50)
    }

    private static func disagreement(_ document: [UInt8], _ ours: JSONValue?, _ order: Order?) -> String? {
        let valid = document.withUnsafeBytes { JSONReader.isJSON($0) }
        guard let ours else {
            // A member that an order ignores may hold a number too large for a tree.
            if order != nil, !valid { return "an order, but not JSON" }
            guard !isOtherEncoding(document), let theirs = try? FoundationTree(document) else { return nil }
            let repaired = withoutTrailingCommas(document)
            guard repaired.count < document.count, let tree = try? JSONValue.decode(repaired), tree.agrees(with: theirs.value) else {
                return "only Foundation accepts the tree"
            }
            return nil
        }
        if !valid { return "a tree, but not JSON" }
        guard let theirs = try? FoundationTree(document) else { return "only we accept the tree" }
        if !ours.agrees(with: theirs.value) { return "the trees differ" }
        guard let again = try? JSONValue.decode(ours.json), again == ours else { return "the tree is not written as it was read" }
        // Each of equal names must fit its field here; Foundation looks at one.
        let isRepeated = ours.hasEqualNames
        let theirOrder = try? decoder.decode(Order.self, from: Data(isRepeated ? ours.lastMembers.json : document))
        guard let order else {
            return theirOrder == nil || isRepeated || !ours.isIdentical(to: theirs.value) ? nil : "only Foundation accepts the order"
        }
        guard let theirOrder else { return !ours.isIdentical(to: theirs.value) ? nil : "only we accept the order" }
        return order == theirOrder ? nil : "the orders differ"
    }

    /// The document without commas before a closing bracket, which Foundation passes over.
    private static func withoutTrailingCommas(_ document: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        var comma: Int?
        var isText = false
        var isEscaped = false
        for byte in document {
            if !isText, byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}"), let place = comma { kept.remove(at: place) }
            if isText || !(byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D) {
                comma = !isText && byte == UInt8(ascii: ",") ? kept.count : nil
            }
            if byte == UInt8(ascii: "\""), !isEscaped { isText.toggle() }
            isEscaped = isText && byte == UInt8(ascii: "\\") && !isEscaped
            kept.append(byte)
        }
        return kept
    }

    /// Foundation guesses UTF-16 and UTF-32 from byte order marks and zero bytes.
    private static func isOtherEncoding(_ document: [UInt8]) -> Bool {
        document.prefix(4).contains(0) || document.starts(with: [0xFE, 0xFF]) || document.starts(with: [0xFF, 0xFE])
    }
}

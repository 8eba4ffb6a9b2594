import Contracts
import Foundation
import JSON
import Testing
import Threads

/// A type of the contract, as its source declares it.
private struct SourceType: Sendable, CustomTestStringConvertible {
    struct Parameter: Equatable {
        let property: String
        let hasDefault: Bool
    }

    let name: String
    /// The properties of the declared fields, by their names in JSON.
    let properties: [String: String]
    /// The parameters of each initialiser, and the text of its body.
    let initialisers: [(parameters: [Parameter], body: String)]

    var testDescription: String { name }

    /// The initialiser that is given all declared fields.
    var memberwise: (parameters: [Parameter], body: String)? {
        initialisers.first { Set(properties.values).isSubset(of: $0.parameters.map(\.property)) }
    }

    /// Those of the module's sources.
    static let all: [SourceType] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Shared/Contracts")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "swift" }.sorted { $0.path < $1.path }.flatMap { file in
            types(of: (try? String(contentsOf: file, encoding: .utf8)) ?? "")
        }
    }()

    private static func types(of file: String) -> [SourceType] {
        file.matches(of: /(?m)^( *)public struct (\w+): [^{]*\{\n(?:.*\n)*?\1\}/).flatMap { match -> [SourceType] in
            let (source, indentation, name) = (match.0, match.1, String(match.2))
            // One that stands inside another.
            let inner = source.dropFirst().matches(of: /(?m)^( +)public struct \w+: [^{]*\{\n(?:.*\n)*?\1\}/).flatMap {
                types(of: String($0.0))
            }
            guard let fields = source.range(of: "\(indentation)    public static let fields = Fields<\(name)>(") else { return inner }
            let declared = source[fields.upperBound...].matches(of: /Field\(\s*"(\w+)",\s*\\\.`?(\w+)`?/).map {
                (String($0.1), String($0.2))
            }
            let initialisers = source.matches(of: /(?m)^( *)public init\(([^)]*)\) \{(?: (.*) \}|\}|\n((?:.*\n)*?)\1\})$/).map {
                (parameters: parameters(String($0.2)), body: String($0.3 ?? $0.4 ?? ""))
            }
            return inner + [
                SourceType(
                    name: name, properties: Dictionary(declared, uniquingKeysWith: { first, _ in first }), initialisers: initialisers)
            ]
        }
    }

    private static func parameters(_ text: String) -> [Parameter] {
        text.matches(of: /(?:`?\w+`? )?`?(\w+)`?: [^,=]+(= [^,]+)?/).map { Parameter(property: String($0.1), hasDefault: $0.2 != nil) }
    }
}

/// The names of the required fields of the objects in the schemas, in order, by the objects' titles.
private let requiredFields: [String: [String]] = {
    var found: [String: [String]] = [:]
    func visit(_ value: JSONValue) {
        switch value {
        case .array(let elements): elements.forEach(visit)
        case .object(let members):
            if let title = value["title"]?.string { found[title] = (value["required"]?.array ?? []).compactMap(\.string) }
            for member in members { visit(member.1) }
        default: break
        }
    }
    for entry in Catalog.entries { visit(entry.schema) }
    // In no message: they are sealed, or become one.
    let others: [any Declared.Type] = [
        Recipient.self, EncryptedRecipient.self, EncryptedRecipient.Texts.self, Credential.self, Refusal.self, LabelContents.self,
        PlatformLabelContents.self,
    ]
    for type in others { visit(type.schema.document) }
    return found
}()

@Suite struct InitialiserTests {
    /// Absent, they mean something of their own, which is to be said: an account without a token, an order without an after-sale, a parcel
    /// that shares its number with no other.
    private static let saidEvenWhenAbsent = ["Credential": "accessToken", "SeenAfterSale": "stage", "ParcelIdentity": "mergeKey"]

    @Test func everyTypeOfTheSchemasIsFoundInTheSources() {
        #expect(SourceType.all.count > 150)
        #expect(Set(requiredFields.keys).subtracting(SourceType.all.map(\.name)) == [])
    }

    /// So a required field that is forgotten does not compile.
    @Test(arguments: SourceType.all)
    fileprivate func theParametersWithoutDefaultAreTheRequiredFields(of type: SourceType) throws {
        let initialiser = try #require(type.memberwise, "\(type.name) has no initialiser that is given its fields")
        let required = try #require(requiredFields[type.name], "no schema has an object \(type.name)").map { type.properties[$0] ?? $0 }
        let demanded = initialiser.parameters.filter { !$0.hasDefault }.map(\.property)
        #expect(demanded.filter { $0 != Self.saidEvenWhenAbsent[type.name] } == required)
    }

    @Test(arguments: SourceType.all)
    fileprivate func everyParameterIsAssigned(of type: SourceType) throws {
        let initialiser = try #require(type.memberwise)
        let assigned = initialiser.body.matches(of: /self\.(\w+) = `?(\w+)`?\b/).filter { $0.1 == $0.2 }.map { String($0.1) }
        #expect(assigned == initialiser.parameters.map(\.property))
    }

    /// An empty one is for the decoders alone: `init(blank:)`.
    @Test(arguments: SourceType.all)
    fileprivate func nothingIsBuiltEmpty(of type: SourceType) {
        #expect(type.initialisers.allSatisfy { !$0.parameters.isEmpty })
    }

    @Test func aMessageOfItsRequiredFieldsIsReadAsItWasWritten() throws {
        let address = Address(country: "CN", province: "浙江省", city: "金华市", district: "义乌市", detail: "北苑街道1号")
        let sender = Sender(name: "王", phone: "13800000000", address: address)
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let area = Area(province: "浙江省", city: "金华市", district: "义乌市")
        let sealed = Sealed(keyId: "k", enc: "AAAA", ciphertext: "AAAA")
        let line = Line(lineId: "1", sku: "s", name: "杯子", spec: "红", quantity: 2)
        // Commands, facts, events, rows and items between shards.
        try check(TopUp(factoryShopId: "f", carrier: "YTO", first: "YT1", last: "YT2"))
        try check(Return(orderId: "o", allocationId: "o/1", factoryShopId: "f", carrier: "YTO", waybillNumber: "YT1"))
        try check(RegisterFactory(shopId: "f", name: "厂", contact: Contact(name: "李", phone: "13900000000"), address: address))
        try check(PutRule(merchantShopId: "m", ruleId: "r", match: RuleMatch(skus: ["s"]), target: Target(.factory, "f")))
        try check(Begin(authorizationId: "a"))
        try check(
            OrderPlaced(
                orderId: "o", merchantShopId: "m", platform: "other", platformOrderNumber: "n", placedAt: now, remark: "",
                lines: [PlacedLine(lineId: "1", sku: "s", name: "杯子", spec: "红", quantity: 2)],
                recipient: PlacedRecipient(province: "广东省", city: "深圳市", district: "")))
        try check(
            Allocated(
                orderId: "o", allocationId: "o/1", merchantShopId: "m", shopAlias: "店", target: Target(.factory, "f"), lines: [line],
                remark: "", area: area, allocatedAt: now))
        try check(RecipientResealed(orderId: "o", allocationId: "o/1", recipientSealed: sealed))
        try check(BindingRow(merchantShopId: "m", factoryShopId: "f", state: .active, shopAlias: "店", sender: Verbatim(sender)))
        try check(KeyRow(service: .waybill, keyId: "k", purpose: .recipient, publicKey: "AAAA", version: 1))
        let parcel = ParcelIdentity(orderId: "o", allocationId: "o/1", merchantShopId: "m", factoryShopId: "f", mergeKey: nil)
        try check(NumberClaim(parcel, carrier: "YTO", number: "YT1", kind: .bind))
        try check(Refused(commandId: "c", commandType: TopUp.type, code: .notFound, message: "no"))
    }

    private func check<Body: Declared & Equatable>(_ message: Body) throws {
        #expect(try Body.decode(message.json) == message)
        guard case .object(let members) = try JSONValue.decode(message.json) else {
            Issue.record("\(Body.self) is no object")
            return
        }
        #expect(members.map(\.0) == requiredFields["\(Body.self)"])
    }
}

internal import JSON

/// Decryption of recipients. The platform counts it by the day and shop.
extension PinduoduoGateway {
    /// Ciphertexts of one call, at most.
    public static let decryptLimit = 100

    /// - Returns: one result for each ciphertext, in their order.
    /// - Throws: when the whole call failed; what single ciphertexts failed with is in their results.
    public func decryptBatch(_ texts: [PinduoduoCiphertext], token: String) async throws(PartnerError) -> [PinduoduoDecryption] {
        let type = "pdd.open.decrypt.batch"
        guard !texts.isEmpty else { return [] }
        guard texts.count <= Self.decryptLimit else {
            throw failure(.rejected, type, "\(texts.count) texts; at most \(Self.decryptLimit) at once")
        }
        let list = texts.map { text in
            JSONValue.object([("data_tag", .string(text.orderSn)), ("encrypted_data", .string(text.encrypted))])
        }
        guard let rows = try await call(type, [("data_list", .array(list))], token: token)["data_decrypt_list"]?.wireList else {
            throw failure(.outcomeOpen, type, "an answer without the list")
        }
        return texts.enumerated().map { index, text in
            // The answer repeats what was asked; where it does not, the order of the list counts.
            let repeated = rows.first { $0["data_tag"]?.wireText == text.orderSn && $0["encrypted_data"]?.wireText == text.encrypted }
            let atPlace = rows.count == texts.count && rows[index]["encrypted_data"] == nil ? rows[index] : nil
            guard let row = repeated ?? atPlace else {
                return PinduoduoDecryption(
                    ciphertext: text, result: .failure(failure(.outcomeOpen, type, "an answer without one of the texts")))
            }
            return PinduoduoDecryption(ciphertext: text, result: result(of: row, type: type).mapError { $0.hiding([text.encrypted]) })
        }
    }

    private func result(of row: JSONValue, type: String) -> Result<PinduoduoPlaintext, PartnerError> {
        if let error = elementFailure(row, of: type) { return .failure(error) }
        guard let plain = PinduoduoPlaintext(row) else { return .failure(failure(.rejected, type, "decrypted to nothing")) }
        return .success(plain)
    }
}

/// A text to decrypt, and the order it belongs to.
public struct PinduoduoCiphertext: Sendable, Hashable {
    public var orderSn: String
    public var encrypted: String

    public init(orderSn: String, encrypted: String) {
        self.orderSn = orderSn
        self.encrypted = encrypted
    }
}

public struct PinduoduoDecryption: Sendable {
    public var ciphertext: PinduoduoCiphertext
    public var result: Result<PinduoduoPlaintext, PartnerError>
}

/// A decrypted text. It prints nothing of itself.
public struct PinduoduoPlaintext: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// `data_type`; the page of pdd.open.decrypt.batch has more.
    public enum Kind: Int, Sendable {
        case name = 5
        case phone = 6
        case fullAddress = 7
        case detailAddress = 8
    }

    /// nil for another kind.
    public var kind: Kind?
    public var text: String
    /// Of a phone: the number, and a virtual number's extension.
    public var phone: OrderExport.Phone?

    init?(_ row: JSONValue) {
        guard let text = row["decrypted_data"]?.wireText else { return nil }
        kind = row["data_type"]?.wireInt.flatMap { Kind(rawValue: $0) }
        self.text = text
        if kind == .phone {
            let isVirtual = row["virtual_number_type"]?.wireInt == 1
            phone = PinduoduoPhone.parse(text, extension: isVirtual ? row["virtual_identify_number"]?.wireText : nil)
        }
    }

    public var description: String { "decrypted \(kind.map { "\($0)" } ?? "text")" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Phones as decryption gives them.
enum PinduoduoPhone {
    /// `$1xxxxxxxxxx$#dddd#` and `$95ddddd$#dddddddd#` are virtual numbers with their extensions (pdd-node-sdk `helper/virtual-number.ts`);
    /// anything else is a plain number, with the extension that was given beside it.
    static func parse(_ text: String, extension ext: String?) -> OrderExport.Phone? {
        if text.hasPrefix("$"), text.hasSuffix("#") {
            let parts = text.dropFirst().dropLast().split(separator: "$#", omittingEmptySubsequences: false)
            guard parts.count == 2, isNumber(parts[0], 7...13), isNumber(parts[1], 1...8),
                parts[0].hasPrefix("1") || parts[0].hasPrefix("95")
            else { return nil }
            return OrderExport.Phone(number: String(parts[0]), ext: String(parts[1]))
        }
        guard let phone = OrderExport.Value.phone(text) else { return nil }
        return phone.ext == nil ? OrderExport.Phone(number: phone.number, ext: ext) : phone
    }

    private static func isNumber(_ text: Substring, _ digits: ClosedRange<Int>) -> Bool {
        digits.contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }
}

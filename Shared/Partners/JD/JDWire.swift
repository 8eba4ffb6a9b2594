import Contracts
import JSON
import Threads

/// JD's values, as they were seen on the wire.
enum JDWire {
    /// "yyyy-MM-dd HH:mm:ss" in Beijing, or milliseconds since 1970.
    static func time(_ value: JSONValue) -> Timestamp? {
        guard let text = value.wireText else { return nil }
        if let time = BeijingTime.milliseconds(text) { return Timestamp(milliseconds: Int(time)) }
        // Whole numbers below this would be seconds, or no times at all.
        guard let number = value.wireInt, (100_000_000_000..<10_000_000_000_000).contains(number) else { return nil }
        return Timestamp(milliseconds: number)
    }

    /// Elements of a list, or of a text that commas divide; none twice.
    static func texts(_ value: JSONValue?) -> [String] {
        guard let value else { return [] }
        let whole: [String] = if let text = value.wireText { [text] } else { value.wireList.compactMap(\.wireText) }
        var seen: Set<String> = []
        return whole.flatMap { $0.split(separator: ",") }.map { text in
            var text = text
            while text.first == " " { text.removeFirst() }
            while text.last == " " { text.removeLast() }
            return String(text)
        }.filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    /// Whether JD's words say that what was asked for does not exist, which some calls answer as an error. JD publishes no list of them: the
    /// words are inferred.
    static func saysNotFound(_ error: PartnerError) -> Bool {
        error.kind == .rejected
            && [
                "不存在", "查不到", "查询不到", "未查询到", "没有查询到", "未查到", "没有查到", "未找到", "没有找到", "查无", "无此", "没有该", "not exist", "not found",
                "no such",
            ].contains(where: error.message.contains)
    }
}

extension JSONValue {
    /// The first of these members that is there and not null.
    func present(_ names: String...) -> JSONValue? {
        for name in names {
            if let value = self[name], value != .null { return value }
        }
        return nil
    }

    /// The first of these members that is a text or a number.
    func text(_ names: String...) -> String? { names.lazy.compactMap { self[$0]?.wireText }.first }
}

extension Character {
    var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}

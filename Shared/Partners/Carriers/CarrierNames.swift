/// Partners' names and codes of the contract's carriers (`SF`, `ZTO`, …).
///
/// Pinduoduo's codes YTO, ZTO, YUNDA and STO are on the page of pdd.fds.waybill.get; JTKD is the code of company 384 in an answer of
/// pdd.logistics.companies.get, JTSD is seen in public clients as a `wp_code`; the others are those that carriers have at most platforms.
/// Names are the carriers' own, as shops and ERPs write them.
public struct CarrierNames: Sendable {
    /// The contract's code.
    public let code: String
    /// Codes at Pinduoduo and Jackyun, the usual one first.
    let codes: [String]
    /// Whole names. The carriers' freight lines (快运) are other carriers and have other numbers.
    let names: [String]
    /// Another company that a marketplace or an ERP ships some of the carrier's numbers with.
    var part: Part?

    /// A company of its own at partners, which is the same carrier here.
    struct Part: Sendable {
        let codes: [String]
        let names: [String]
        /// How its numbers begin, and how many digits they have.
        let start: String
        let digits: Int

        func has(_ number: String) -> Bool {
            number.utf8.count == digits && number.hasPrefix(start)
                && number.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        }
    }

    /// China Post's parcels, under the names that Pinduoduo's sellers see; 132 YZXB is in an answer of pdd.logistics.companies.get of 2020,
    /// POSTB stands beside EMS and EYB in the list of carriers for warehouses in an ERP's public code (`LOGISTICSNAME_POSTB`); that it means
    /// these parcels is inferred.
    private static let chinaPost = Part(codes: ["YZXB", "POSTB"], names: ["邮政快递包裹", "邮政电商标快", "中国邮政"], start: "98", digits: 13)

    static let all = [
        CarrierNames(code: "SF", codes: ["SF"], names: ["顺丰速运", "顺丰快递", "顺丰"]),
        CarrierNames(code: "ZTO", codes: ["ZTO"], names: ["中通快递", "中通速递", "中通"]),
        CarrierNames(code: "YTO", codes: ["YTO"], names: ["圆通速递", "圆通快递", "圆通"]),
        CarrierNames(code: "STO", codes: ["STO", "ST"], names: ["申通快递", "申通速递", "申通"]),
        CarrierNames(code: "YUNDA", codes: ["YUNDA", "YD"], names: ["韵达快递", "韵达速递", "韵达"]),
        CarrierNames(code: "JD", codes: ["JD"], names: ["京东快递", "京东物流", "京东配送", "京东"]),
        CarrierNames(code: "JT", codes: ["JTSD", "JTKD", "JT", "JTEXPRESS"], names: ["极兔速递", "极兔快递", "极兔"]),
        CarrierNames(code: "EMS", codes: ["EMS"], names: ["EMS", "邮政EMS", "EMS快递", "中国邮政速递物流"], part: chinaPost),
        CarrierNames(code: "DBL", codes: ["DBKD", "DBL", "DB"], names: ["德邦快递", "德邦"]),
        CarrierNames(code: "CAINIAO", codes: ["CAINIAO", "CN"], names: ["菜鸟速递", "菜鸟直送", "菜鸟"]),
    ]

    private var allNames: [String] { names + (part?.names ?? []) }

    /// nil for a code that is not the contract's.
    public static func named(_ code: String) -> CarrierNames? { all.first { $0.code == code } }

    /// Pinduoduo's `wp_code` of electronic waybills. That of China Post's parcels is on no public page: they are obtained as EMS.
    public var wpCode: String { codes[0] }

    /// Jackyun's `logisticName` of this number. That China Post's parcels have the name there that Pinduoduo's sellers see is inferred.
    public func logisticName(for number: String) -> String {
        if let part, part.has(number) { return part.names[0] }
        return names[0]
    }

    /// Pinduoduo's company that an order is shipped with under this number: by code, else by name, among those that are available. A number
    /// of China Post's parcels goes with the company of that name where the shop has it.
    public func company(in companies: [PinduoduoLogisticsCompany], for number: String) -> PinduoduoLogisticsCompany? {
        let available = companies.filter(\.isAvailable)
        if let part, part.has(number), let company = Self.company(part.codes, part.names, available) { return company }
        return Self.company(codes, names, available)
    }

    private static func company(
        _ codes: [String], _ names: [String], _ available: [PinduoduoLogisticsCompany]
    ) -> PinduoduoLogisticsCompany? {
        for code in codes {
            if let company = available.first(where: { $0.code?.uppercased() == code }) { return company }
        }
        for name in names {
            if let company = available.first(where: { $0.name.map(trimmed) == name }) { return company }
        }
        return nil
    }

    /// The contract's carrier that a partner means.
    ///
    /// A code or a whole name; else the one carrier whose long name stands in the text, because shops name their carriers by themselves
    /// (中通快递-拼多多). nil when none or several do: no carrier is guessed.
    public static func of(code: String? = nil, name: String?) -> CarrierNames? {
        if let code = code.map({ trimmed($0).uppercased() }),
            let found = all.first(where: { $0.code == code || $0.codes.contains(code) || $0.part?.codes.contains(code) == true })
        {
            return found
        }
        guard let name = name.map(trimmed), !name.isEmpty else { return nil }
        if let found = all.first(where: { $0.allNames.contains(name) || $0.code == name.uppercased() }) { return found }
        let candidates = all.filter { carrier in carrier.allNames.contains { $0.count >= 4 && name.contains($0) } }
        return candidates.count == 1 ? candidates[0] : nil
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.first?.isWhitespace ?? false { text.removeFirst() }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }
}

import Contracts
import StateMachines
import Threads

/// What a partner may answer at worst.
enum AbsurdPartner {
    static let text = String(repeating: "荒", count: 3000)
    /// Empty, blank, with a control character, decomposed, and too long.
    static let texts = ["", "\u{3164}\u{200B} ", "a\u{1}b", "e\u{301}", text, String(repeating: "x", count: 300)]
    static let refusal = PartnerRefusal(code: text, reason: text)

    static let lines: [PartnerLine] =
        (texts.map { PartnerLine(sku: $0, partnerSku: $0, quantity: 1_000_000_000_000) }
            + [Int.min, -1, 0, 1, 2, Int.max].map { PartnerLine(sku: nil, orderLine: $0, quantity: $0) }
            + (0..<500).map { PartnerLine(sku: "sku \($0)", quantity: $0) })

    static let outboundReadings: [OutboundStatusReport] = OutboundState.allCases.flatMap { state in
        texts.map { text in
            OutboundStatusReport(
                code: text, state: state, occurredAt: Timestamp(milliseconds: 253_402_300_799_999), carrier: text, waybillNumber: text,
                extraNumbers: Array(repeating: text, count: 200) + ["SF1"], lines: text.isEmpty ? lines : Array(lines.prefix(12)))
        } + [
            OutboundStatusReport(
                code: "10020", state: state, occurredAt: Timestamp(milliseconds: 0), carrier: "SF", waybillNumber: "SF1", lines: [])
        ]
    }

    static let inboundReadings: [InboundStatusReport] = InboundState.allCases.flatMap { state in
        texts.map { text in
            InboundStatusReport(
                code: text, state: state, occurredAt: Timestamp(milliseconds: 253_402_300_799_999),
                lines: text.isEmpty ? lines : Array(lines.prefix(12)))
        }
    }
}

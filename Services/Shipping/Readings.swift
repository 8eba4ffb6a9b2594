import Contracts
import Partners
import StateMachines
import Threads

// JD's reports, in our words.

extension OutboundStatusReport {
    /// What a push means. A partner whose codes are not known says nothing.
    init(_ report: ReportStatus) {
        self.init(
            code: report.statusCode, state: JDStatus.outbound(report.statusCode),
            cancellation: JDStatus.cancellation(report.statusCode).map(Cancellation.init), occurredAt: report.occurredAt,
            carrier: report.carrier.map(JDCarrier.code), waybillNumber: report.waybillNumber,
            lines: report.lines?.map { PartnerLine(sku: $0.sku, quantity: $0.quantity) })
    }

    /// Reads the answer to a question.
    /// - Parameter now: when nothing says since when it is so.
    init(_ report: OutboundReport, now: Timestamp) {
        let progress = report.progress
        let cancellation = report.cancellation
        let parts = report.parcels
        let lines = parts.flatMap(\.lines).compactMap { PartnerLine($0) }
        // A split order has a number for each part: the first one ships it, the others belong to it.
        let numbers = parts.flatMap { [$0.waybillNumber].compactMap { $0 } + $0.extraNumbers }
        let waybillNumber = report.waybillNumber ?? numbers.first
        self.init(
            code: cancellation == nil ? progress?.code ?? report.code : report.code, state: progress?.state,
            cancellation: cancellation.map(Cancellation.init), occurredAt: progress?.at ?? now,
            carrier: report.carrier ?? parts.lazy.compactMap(\.carrier).first, waybillNumber: waybillNumber,
            extraNumbers: (report.extraNumbers + numbers).uniqued(but: waybillNumber), lines: lines.isEmpty ? nil : lines,
            isSplit: report.isSplit)
    }
}

extension OutboundStatusReport.Cancellation {
    init(_ stage: JDStatus.Cancellation) {
        self =
            switch stage {
            case .pending: .pending
            case .cancelled: .cancelled
            case .failed: .failed
            }
    }
}

extension PartnerLine {
    /// nil: JD does not say how much. JD's own count differs from the order until the goods were counted.
    fileprivate init?(_ line: OutboundReport.Line) {
        guard let quantity = line.actual ?? (line.isCounted ? nil : line.planned), quantity >= 0 else { return nil }
        self.init(sku: line.sku, orderLine: line.orderLine, partnerSku: line.goodsNumber, quantity: quantity)
    }
}

extension InboundStatusReport {
    init(_ report: ReportStatus) {
        self.init(
            code: report.statusCode, state: JDStatus.inbound(report.statusCode), occurredAt: report.occurredAt,
            lines: report.lines?.map { PartnerLine(sku: $0.sku, quantity: $0.quantity) })
    }

    init(_ report: InboundReport, now: Timestamp) {
        let lines = report.lines.compactMap { line -> PartnerLine? in
            guard let received = line.received, received >= 0 else { return nil }
            return PartnerLine(sku: line.sku, orderLine: line.orderLine, partnerSku: line.goodsNumber, quantity: received)
        }
        self.init(code: report.code, state: report.state, occurredAt: now, lines: lines.isEmpty ? nil : lines)
    }
}

extension [String] {
    /// Each once, in order, without the one that is named.
    fileprivate func uniqued(but main: String?) -> [String] {
        var seen: Set<String> = main.map { [$0] } ?? []
        return filter { seen.insert($0).inserted }
    }
}

import Contracts
import JSON
import Labels
import Texts

/// Why one parcel of a print job has no label.
struct LabelRefusal: Error, Equatable, Sendable {
    var allocationId: String
    /// Of ``RefusalCode``, or `unavailable`.
    var code: String
    /// nil: the code's own texts say it.
    var detail: LocalizedText?
    var field: String?

    init(_ allocationId: String, _ code: RefusalCode, _ detail: LocalizedText? = nil, field: String? = nil) {
        (self.allocationId, self.code, self.detail, self.field) = (allocationId, code.rawValue, detail, field)
    }

    /// Waybill's. That it does not believe the console is a fault of the deployment, of which the caller can do nothing.
    init(_ allocationId: String, _ refusal: Refusal) {
        guard refusal.code != .unauthorized else {
            self = .unavailable(allocationId)
            return
        }
        let text = refusal.message.isEmpty ? nil : LocalizedText(zh: refusal.message, vi: refusal.message, en: refusal.message)
        self.init(allocationId, refusal.code, text, field: refusal.field)
    }

    /// What cannot be drawn. People's texts are called `recipient` as a whole, others by their path on the label.
    init(_ allocationId: String, _ problem: LabelProblem) {
        let path = problem.field.path
        self.init(allocationId, .invalid, Self.text(problem), field: path.hasPrefix("recipient.") ? "recipient" : path)
    }

    private init(_ allocationId: String, unavailable detail: LocalizedText?) {
        (self.allocationId, code, self.detail) = (allocationId, HTTPCode.unavailable.rawValue, detail)
    }

    var status: Int { RefusalCode(rawValue: code)?.status ?? HTTPCode(rawValue: code)?.status ?? 409 }

    static func unavailable(_ allocationId: String) -> LabelRefusal { LabelRefusal(allocationId, unavailable: Problem.unavailable.detail) }

    static func unanswered(_ allocationId: String) -> LabelRefusal {
        LabelRefusal(
            allocationId,
            unavailable: LocalizedText(
                zh: "运单服务没有及时答复。请稍后重试。", vi: "Dịch vụ vận đơn chưa trả lời kịp. Vui lòng thử lại sau.",
                en: "The waybill service has not answered in time. Try again later."))
    }

    /// The platform's component prints it.
    static func platformWaybill(_ allocationId: String) -> LabelRefusal {
        LabelRefusal(
            allocationId, .invalid,
            LocalizedText(
                zh: "这是平台的电子面单，请用平台的打印组件打印。", vi: "Đây là vận đơn điện tử của sàn: hãy in bằng trình in của sàn.",
                en: "This is a platform's e-waybill: print it with the platform's component."))
    }

    /// We draw it ourselves.
    static func noPlatformWaybill(_ allocationId: String) -> LabelRefusal {
        LabelRefusal(
            allocationId, .invalid,
            LocalizedText(
                zh: "这不是平台的电子面单，请打印面单 PDF。", vi: "Đây không phải vận đơn điện tử của sàn: hãy in nhãn PDF.",
                en: "This is no e-waybill of a platform with a print component: print its label as PDF."))
    }

    /// In the reader's language; of what was sent at most one character.
    private static func text(_ problem: LabelProblem) -> LocalizedText {
        let character = problem.characterCode
        return switch problem.kind {
        case .missing:
            LocalizedText(
                zh: "面单缺少这一项（\(problem.field)）。", vi: "Nhãn thiếu mục này (\(problem.field)).", en: problem.description)
        case .noGlyph:
            LocalizedText(
                zh: "有一个字符（\(character)）没有字体可以打印，请换一种写法。",
                vi: "Có một ký tự (\(character)) mà không phông chữ nào in được: hãy viết cách khác.",
                en: problem.description)
        case .doesNotFit:
            LocalizedText(
                zh: "内容太长，面单上放不下（\(problem.field)），请缩短。", vi: "Nội dung quá dài cho chỗ trên nhãn (\(problem.field)): hãy rút ngắn.",
                en: problem.description)
        case .numberInvalid, .barCodeTooWide:
            LocalizedText(
                zh: "这个运单号无法打印成条码。", vi: "Mã vận đơn này không in được thành mã vạch.", en: problem.description)
        }
    }
}

extension Problem {
    /// Nothing was printed: the first one's status and code, and a row for each.
    /// - Parameter refusals: in the order in which the labels were asked for.
    init(labels refusals: [LabelRefusal], _ wording: Wording) {
        guard let first = refusals.first else {
            self = .unavailable
            return
        }
        self.init(first.status, first.code, first.detail, field: first.field)
        details = ["rows": .array(refusals.map { Self.row($0, wording) })]
    }

    private static func row(_ refusal: LabelRefusal, _ wording: Wording) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("allocationId", .string(refusal.allocationId)), ("code", .string(refusal.code)),
            ("detail", .string(refusal.detail?[wording.language] ?? wording("refusal.\(refusal.code).advice"))),
        ]
        if let field = refusal.field { members.append(("field", .string(field))) }
        return .object(members)
    }
}

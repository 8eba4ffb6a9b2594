internal import Crypto
public import JSON

/// The platform's messages to an application: what goes over the WebSocket. It connects to nothing.
///
/// | from | frame |
/// |---|---|
/// | server | `{"id":int64,"commandType":"Common","time":ms,"sendTime":ms,"message":{"type","mallID","content":"<JSON>"}}` |
/// | client, every 5 s | `{"commandType":"HeartBeat","time":ms}` |
/// | client, done | `{"commandType":"Ack","time":ms,"id","sendTime","type","mallID"}` |
/// | client, not done | the same with `Fail` and `failReason` |
///
/// A message that is not acknowledged comes again: acknowledge only after it is stored. Ids exceed 2^53. Sources:
/// github.com/SchafferJ/open-pdd; github.com/whalesky-labs/pdd-sdk-php, whose published signature the tests repeat.
public enum PinduoduoMessages {
    /// `<base>/<client_id>/<ms>/<sign>`; the sign is the base 64 of the MD5 in lower-case hexadecimal digits of id, time and secret.
    /// Each connection needs a new one.
    public static func socketURL(base: String, application: PinduoduoGateway.Application, milliseconds: Int) -> String {
        let digest = MD5Text.hexadecimal("\(application.clientId)\(milliseconds)\(application.clientSecret)")
        let sign = Base64.encode(Array(digest.utf8))
        return "\(base)/\(FormEncoding.escape(application.clientId))/\(milliseconds)/\(FormEncoding.escape(sign))"
    }

    public static func heartbeat(milliseconds: Int) -> String {
        text([("commandType", .string("HeartBeat")), ("time", .int(milliseconds))])
    }

    /// The server's frame.
    /// - Throws: when it is no such frame; it cannot be acknowledged then.
    public static func frame(_ text: String) throws(JSONError) -> Frame {
        let tree = try JSONValue.decode(text)
        guard let name = tree["commandType"]?.string else { throw .invalid("a frame without commandType") }
        guard let command = Frame.Command(rawValue: name) else { throw .invalid("a frame of a commandType that is not known") }
        guard command == .common else { return Frame(command: command, message: nil) }
        guard case .int(let id)? = tree["id"], let message = tree["message"], let type = message["type"]?.string else {
            throw .invalid("a Common frame needs an id of 64 bits and a message with its type")
        }
        return Frame(
            command: command,
            message: Message(
                id: id, sentAt: tree["sendTime"]?.wireInt ?? tree["time"]?.wireInt ?? 0, type: type,
                mallId: message["mallID"]?.wireInt ?? 0, content: content(message["content"])))
    }

    /// JSON in a text; what is none stays a text, so that its message can be acknowledged.
    private static func content(_ value: JSONValue?) -> JSONValue {
        guard case .string(let text)? = value else { return value ?? .null }
        do throws(JSONError) { return try JSONValue.decode(text) } catch { return .string(text) }
    }

    public struct Frame: Sendable {
        public enum Command: String, Sendable {
            case heartBeat = "HeartBeat"
            case ack = "Ack"
            case fail = "Fail"
            case common = "Common"
        }

        public var command: Command
        /// Of a `common` frame.
        public var message: Message?
    }

    public struct Message: Sendable {
        public var id: Int
        /// Milliseconds since 1970.
        public var sentAt: Int
        /// `pdd_trade_TradeConfirmed`.
        public var type: String
        public var mallId: Int
        /// Parsed; a text when it is no JSON.
        public var content: JSONValue

        /// The order it is about: `tid` of a merchant's messages.
        public var orderSn: String? { content["tid"]?.wireText ?? content["order_sn"]?.wireText }
        public var refundId: String? { content["refund_id"]?.wireText }
        /// The factory-dropship order it is about. The names of its fields are inferred from the interface.
        public var fdsOrder: FdsOrderKey? {
            guard let mall = content["mall_mask_id"]?.wireText, let order = content["order_mask_sn"]?.wireText else { return nil }
            return FdsOrderKey(mallMaskId: mall, orderMaskSn: order)
        }

        /// To be sent when what the message says is durable.
        public func ack(milliseconds: Int) -> String { answer("Ack", milliseconds) }

        /// To be sent when it could not be handled; it comes again.
        public func fail(reason: String, milliseconds: Int) -> String {
            answer("Fail", milliseconds, [("failReason", .string(reason))])
        }

        private func answer(_ command: String, _ milliseconds: Int, _ more: [(String, JSONValue)] = []) -> String {
            text(
                [
                    ("commandType", .string(command)), ("time", .int(milliseconds)), ("id", .int(id)), ("sendTime", .int(sentAt)),
                    ("type", .string(type)), ("mallID", .int(mallId)),
                ] + more)
        }
    }

    private static func text(_ members: [(String, JSONValue)]) -> String { String(decoding: JSONValue.object(members).json, as: UTF8.self) }
}

/// Which messages matter, by their topics.
///
/// A merchant's topics were seen in public clients. Those of 厂家代发 (assigned, taken back, address changed) are nowhere public: they are
/// configuration.
public struct PinduoduoTopics: Sendable {
    public enum Subject: Sendable, Equatable {
        /// A merchant's order: ask for it.
        case order
        /// An after-sale of a merchant's order.
        case afterSale
        /// A factory-dropship order.
        case factoryOrder
    }

    public static let orders = [
        "pdd_trade_TradeConfirmed", "pdd_trade_TradeSellerShip", "pdd_trade_TradeSuccess", "pdd_trade_TradeRiskChanged",
        "pdd_trade_TradeLogisticsAddressChanged", "pdd_trade_TradeMemoModified", "pdd_trade_BuyerMemoModified",
    ]
    public static let afterSales = [
        "pdd_refund_RefundCreated", "pdd_refund_RefundAgreeAgreement", "pdd_refund_RefundClosed", "pdd_refund_RefundBuyerModifyAgreement",
        "pdd_refund_RefundBuyerReturnGoods", "pdd_refund_RefundCreateMessage",
    ]
    public let factoryOrders: [String]

    public init(factoryOrders: [String] = []) { self.factoryOrders = factoryOrders }

    /// nil: not of interest; it is acknowledged all the same.
    public func subject(of type: String) -> Subject? {
        if factoryOrders.contains(type) { return .factoryOrder }
        if Self.orders.contains(type) { return .order }
        return Self.afterSales.contains(type) ? .afterSale : nil
    }
}

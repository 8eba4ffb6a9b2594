/// A place in a trace: W3C Trace Context, version 00.
public struct TraceContext: Sendable, Equatable {
    /// Of the whole trace.
    public var high: UInt64
    public var low: UInt64
    /// Of the span.
    public var span: UInt64
    public var isSampled: Bool

    public init(high: UInt64, low: UInt64, span: UInt64, isSampled: Bool) {
        (self.high, self.low, self.span, self.isSampled) = (high, low, span, isSampled)
    }

    /// Characters of a `traceparent` of version 00.
    private static let length = 55

    /// Reads a `traceparent`. A later version is read as far as 00 goes; nil for what is none.
    public init?(_ text: String) {
        var text = text
        let parsed: TraceContext?? = text.withUTF8 { bytes in
            guard bytes.count >= Self.length, bytes.count == Self.length || bytes[Self.length] == UInt8(ascii: "-"),
                bytes[2] == UInt8(ascii: "-"), bytes[35] == UInt8(ascii: "-"), bytes[52] == UInt8(ascii: "-"),
                let version = Self.number(bytes[0..<2]), version != 0xff, version != 0 || bytes.count == Self.length,
                let high = Self.number(bytes[3..<19]), let low = Self.number(bytes[19..<35]), high != 0 || low != 0,
                let span = Self.number(bytes[36..<52]), span != 0, let flags = Self.number(bytes[53..<55])
            else { return nil }
            return TraceContext(high: high, low: low, span: span, isSampled: flags & 1 == 1)
        }
        guard case .some(.some(let context)) = parsed else { return nil }
        self = context
    }

    /// Lower-case hexadecimal digits alone.
    private static func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }

    /// 16 hexadecimal digits.
    static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    var traceId: String { Self.hexadecimal(high) + Self.hexadecimal(low) }

    /// As it goes with a message or a request.
    public var traceparent: String { "00-\(traceId)-\(Self.hexadecimal(span))-\(isSampled ? "01" : "00")" }
}

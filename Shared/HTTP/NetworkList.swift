import CMicroHTTPD
import Glibc

/// An IPv4 or IPv6 address. An IPv4 address that came over IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16.
    let bytes: [UInt8]

    /// nil for a text that is no address.
    public init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(withUnsafeBytes(of: &four) { Array($0) })
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            self.init(withUnsafeBytes(of: &six) { Array($0) })
        } else {
            return nil
        }
    }

    /// nil for what is neither IPv4 nor IPv6.
    init?(_ address: UnsafePointer<sockaddr>) {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            self.init(
                address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { withUnsafeBytes(of: $0.pointee.sin_addr) { Array($0) } })
        case AF_INET6:
            self.init(
                address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { withUnsafeBytes(of: $0.pointee.sin6_addr) { Array($0) } })
        default: return nil
        }
    }

    private static let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes.count == 16 && bytes.starts(with: Self.mapped) ? Array(bytes[12...]) : bytes
    }

    /// The address as far as one client has it: all of IPv4, the network of 64 bits of IPv6, out of which a client picks addresses freely.
    public var client: NetworkAddress { bytes.count == 16 ? NetworkAddress(Array(bytes[..<8]) + [UInt8](repeating: 0, count: 8)) : self }
}

extension NetworkAddress {
    /// `192.0.2.1`, `2001:db8::1`.
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Addresses and networks: `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`.
public struct NetworkList: Sendable, Equatable {
    private struct Network: Equatable {
        let bytes: [UInt8]
        let bits: Int
    }

    /// A part that is neither an address nor a network.
    public struct Failure: Error, Sendable {
        public let part: String
    }

    private var networks: [Network] = []

    public init() {}

    /// - Parameter text: by commas; empty: none.
    /// - Throws: the first part that is none.
    public init(_ text: String) throws(Failure) {
        for part in text.split(separator: ",") {
            let text = String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            let pieces = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let address = pieces.first.flatMap({ NetworkAddress(String($0)) }) else { throw Failure(part: text) }
            let all = address.bytes.count * 8
            guard let bits = pieces.count == 1 ? all : Int(pieces[1]), (0...all).contains(bits) else { throw Failure(part: text) }
            networks.append(Network(bytes: address.bytes, bits: bits))
        }
    }

    public func contains(_ address: NetworkAddress) -> Bool {
        networks.contains { network in
            guard network.bytes.count == address.bytes.count else { return false }
            let whole = network.bits / 8
            guard network.bytes[..<whole] == address.bytes[..<whole] else { return false }
            let rest = network.bits % 8
            return rest == 0 || (network.bytes[whole] ^ address.bytes[whole]) >> UInt8(8 - rest) == 0
        }
    }
}

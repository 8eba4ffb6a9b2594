import Testing

@testable import HTTP

@Suite struct NetworkAddressTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.0/23", "10.1.3.9", true),
        ("10.1.2.0/23", "10.1.4.9", false), ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false), ("::1", "::1", true),
        ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false), ("0.0.0.0/0", "203.0.113.9", true),
        ("0.0.0.0/0", "::1", false), ("10.0.0.0/8", "::ffff:10.0.0.1", true), ("", "10.0.0.1", false),
    ])
    func aNetworkHoldsItsAddresses(_ network: String, _ address: String, _ isInside: Bool) throws {
        #expect(try NetworkList(network).contains(#require(NetworkAddress(address))) == isInside)
    }

    @Test func aClientIsAnIPv4AddressOrANetworkOfIPv6() throws {
        func client(_ text: String) throws -> NetworkAddress { try #require(NetworkAddress(text)).client }
        #expect(try client("192.0.2.7") == client("::ffff:192.0.2.7"))
        #expect(try client("192.0.2.7") != client("192.0.2.8"))
        #expect(try client("2001:db8::1") == client("2001:db8::ffff:0:1"))
        #expect(try client("2001:db8::1") != client("2001:db8:0:1::1"))
    }
}

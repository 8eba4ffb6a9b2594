import Contracts
import Partners
import Testing

@Suite struct CallRatesTests {
    @Test func aTextNamesRatesInAllAndForAShop() throws {
        let rates = try CallRates("pdd.fds.order.get=200/shop, pdd.fds.order.get=2000\n*=0.5")
        #expect(rates["pdd.fds.order.get"] == .init(total: 2000, perShop: 200))
        #expect(rates["anything"] == .init(total: 0.5))
        #expect(try CallRates("") == CallRates())
    }

    @Test func whatIsNotNamedStaysAsItWas() throws {
        let known = CallRates(["a": .init(total: 5, perShop: 1), "b": .init(total: 7)], others: .init(perShop: 50))
        let changed = known.changed(by: try CallRates("a=6,c=1/shop"))
        #expect(changed["a"] == .init(total: 6, perShop: 1))
        #expect(changed["b"] == .init(total: 7))
        #expect(changed["c"] == .init(perShop: 1))
        #expect(changed["d"] == .init(perShop: 50))
    }

    @Test(arguments: ["a", "a=", "=5", "a=0", "a=-1", "a=x", "a=5/minute", "a=1=2", "a=1e9"])
    func whatCannotBeReadIsNamed(part: String) {
        #expect(throws: CallRates.Failure.self) { try CallRates("b=1,\(part)") }
        do { _ = try CallRates("b=1,\(part)") } catch { #expect(error.part == part) }
    }
}

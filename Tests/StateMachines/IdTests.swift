import Contracts
import JSON
import Machines
import Testing
import Threads

/// Required texts are visible, ids are in NFC, and actors are compared byte by byte (contract, section 2).
@Suite struct IdTests {
    private static func refused(_ json: String) -> String? {
        do throws(JSONError) {
            _ = try RegisterMerchant.decode(json)
            return nil
        } catch { return error.path }
    }

    private static func registration(shop: String = "M-1", alias: String = "店", name: String = "张", phone: String = "13800000000") -> String
    {
        """
        {"shopId":"\(shop)","shopAlias":"\(alias)","acceptedTerms":["e-waybill-service","platform-waybill"],"sender":{"name":"\(name)",
        "phone":"\(phone)","address":{"country":"CN","province":"浙江省","city":"杭州市","district":"","detail":"1"}}}
        """
    }

    @Test func aBlankTextIsRefusedByItsName() {
        #expect(Self.refused(Self.registration()) == nil)
        for blank in ["  ", "\u{3000}", "\u{200B}\u{3164}", "\u{2800}", "\\u3164", "\\t \\n"] {
            #expect(Self.refused(Self.registration(alias: blank)) == "shopAlias")
            #expect(Self.refused(Self.registration(name: blank)) == "sender.name")
            #expect(Self.refused(Self.registration(phone: blank + blank + blank)) == "sender.phone")
            #expect(Self.refused(Self.registration(shop: blank)) == "shopId")
        }
    }

    /// KELVIN SIGN, which is the same as K to Swift, OHM SIGN, and a letter with its accent apart.
    @Test(arguments: ["M-\u{212A}", "M-\u{2126}", "M-e\u{301}"])
    func anIdOfAnotherFormIsRefusedByItsName(_ id: String) throws {
        #expect(Self.refused(Self.registration(shop: id)) == "shopId")
        let fact = RiskHeld(orderId: id)
        #expect(throws: JSONError.self) { try RiskHeld.decode(fact.json) }
        // Nobody acts under such an id: he would be taken for another.
        #expect(Actor("merchant:\(id)") == nil)
        let composed = ComposedText.composed(id)
        #expect(composed == id)
        #expect(Actor("merchant:\(composed)") != nil)
        let context = Context(
            origin: .absent, actor: Actor(.merchant, id), time: Timestamp(milliseconds: 0), now: Timestamp(milliseconds: 0),
            tables: MemoryTables())
        #expect(throws: Refusal.self) { try context.require(.merchant, composed) }
    }

    @Test func anAccountHasNoInvisibleCharacterInside() {
        #expect(PartnerAccount.key(.jdFulfillment, "  商家-1\t") == "jd-fulfillment:商家-1")
        #expect(PartnerAccount.key(.jdFulfillment, "e\u{301}") == "jd-fulfillment:é")
        for pin in ["商\u{200B}家", "a\u{AD}b", "a\u{3164}b", "a\u{202E}b", "\u{FEFF}a", " \u{3000}"] {
            #expect(PartnerAccount.key(.jdFulfillment, pin) == nil)
        }
    }

    @Test func aTimeBeyondFourDigitsIsWrittenSoThatItCanBeRead() throws {
        for milliseconds in [Int.min / 2, -62_167_219_200_001, 253_402_300_800_000, Int.max / 2] {
            let text = Timestamp(milliseconds: milliseconds).description
            #expect(Timestamp(text) != nil, "\(text)")
        }
    }
}

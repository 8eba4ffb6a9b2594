import Testing

@testable import Partners

@Suite struct CarrierNamesTests {
    @Test func everyCarrierOfTheContract() {
        #expect(CarrierNames.all.map(\.code) == ["SF", "ZTO", "YTO", "STO", "YUNDA", "JD", "JT", "EMS", "DBL", "CAINIAO"])
        for carrier in CarrierNames.all {
            #expect(CarrierNames.named(carrier.code)?.code == carrier.code)
            #expect(CarrierNames.of(code: carrier.wpCode, name: nil)?.code == carrier.code)
            #expect(CarrierNames.of(name: carrier.logisticName)?.code == carrier.code)
        }
        #expect(CarrierNames.named("sf") == nil)
    }

    /// No code and no name means two carriers.
    @Test func nothingIsAmbiguous() {
        let names = CarrierNames.all.flatMap(\.names)
        let codes = CarrierNames.all.flatMap { Set($0.codes + [$0.code]) }
        #expect(Set(names).count == names.count)
        #expect(Set(codes).count == codes.count)
    }

    @Test(
        arguments: [
            (nil, "中通快递", "ZTO"), (nil, " 中通速递\t", "ZTO"), (nil, "中通快递-拼多多", "ZTO"), (nil, "顺丰速运（月结）", "SF"), (nil, "顺丰", "SF"),
            (nil, "极兔速递", "JT"), (nil, "ems", "EMS"), (nil, "德邦快递", "DBL"), ("yto", nil, "YTO"), ("JTSD", "随便", "JT"),
            ("JTKD", nil, "JT"),
            ("自定义1", "申通快递", "STO"), ("", "韵达快递", "YUNDA"),
            // Freight, parcels by post, and texts that name none or two.
            (nil, "中通快运", nil), (nil, "顺丰快运", nil), (nil, "邮政快递包裹", nil), (nil, "安能物流", nil), (nil, "", nil), (nil, nil, nil),
            (nil, "中通快递/圆通速递", nil), (nil, "我的京东", nil), ("X", nil, nil),
        ] as [(String?, String?, String?)])
    func whatPartnersSay(_ code: String?, _ name: String?, _ expected: String?) {
        #expect(CarrierNames.of(code: code, name: name)?.code == expected)
    }

    @Test func pinduoduosCarrier() throws {
        let companies = [
            PinduoduoLogisticsCompany(id: 1, code: "STO", name: "申通快递", isAvailable: true),
            PinduoduoLogisticsCompany(id: 2, code: "ZTO", name: "中通快递", isAvailable: false),
            PinduoduoLogisticsCompany(id: 3, code: "ZTO", name: "中通快递", isAvailable: true),
            PinduoduoLogisticsCompany(id: 384, code: "jtkd", name: "J&T", isAvailable: true),
            PinduoduoLogisticsCompany(id: 5, code: "DEBANG", name: " 德邦快递 ", isAvailable: true),
            PinduoduoLogisticsCompany(id: 6, code: "SF", name: "顺丰快递", isAvailable: false),
        ]
        func id(_ code: String) throws -> Int? { try #require(CarrierNames.named(code)).company(in: companies)?.id }
        #expect(try id("STO") == 1)
        #expect(try id("ZTO") == 3)
        #expect(try id("JT") == 384)
        #expect(try id("DBL") == 5)
        #expect(try id("SF") == nil)
        #expect(try id("YTO") == nil)
    }
}

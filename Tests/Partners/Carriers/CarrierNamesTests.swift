import Testing

@testable import Partners

@Suite struct CarrierNamesTests {
    @Test func everyCarrierOfTheContract() {
        #expect(CarrierNames.all.map(\.code) == ["SF", "ZTO", "YTO", "STO", "YUNDA", "JD", "JT", "EMS", "DBL", "CAINIAO"])
        for carrier in CarrierNames.all {
            #expect(CarrierNames.named(carrier.code)?.code == carrier.code)
            #expect(CarrierNames.of(code: carrier.wpCode, name: nil)?.code == carrier.code)
            for number in ["X", "9812345678901"] { #expect(CarrierNames.of(name: carrier.logisticName(for: number))?.code == carrier.code) }
        }
        #expect(CarrierNames.named("sf") == nil)
    }

    /// No code and no name means two carriers.
    @Test func nothingIsAmbiguous() {
        let names = CarrierNames.all.flatMap { $0.names + ($0.part?.names ?? []) }
        let codes = CarrierNames.all.flatMap { Set($0.codes + [$0.code] + ($0.part?.codes ?? [])) }
        #expect(Set(names).count == names.count)
        #expect(Set(codes).count == codes.count)
    }

    @Test(
        arguments: [
            (nil, "中通快递", "ZTO"), (nil, " 中通速递\t", "ZTO"), (nil, "中通快递-拼多多", "ZTO"), (nil, "顺丰速运（月结）", "SF"), (nil, "顺丰", "SF"),
            (nil, "极兔速递", "JT"), (nil, "ems", "EMS"), (nil, "德邦快递", "DBL"), ("yto", nil, "YTO"), ("JTSD", "随便", "JT"),
            ("JTKD", nil, "JT"),
            ("自定义1", "申通快递", "STO"), ("", "韵达快递", "YUNDA"),
            // Parcels by post.
            (nil, "邮政快递包裹", "EMS"), (nil, "邮政电商标快", "EMS"), (nil, "中国邮政", "EMS"), ("YZXB", nil, "EMS"), ("postb", nil, "EMS"),
            // Freight, and texts that name none or two.
            (nil, "中通快运", nil), (nil, "顺丰快运", nil), (nil, "安能物流", nil), (nil, "", nil), (nil, nil, nil),
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
        func id(_ code: String) throws -> Int? { try #require(CarrierNames.named(code)).company(in: companies, for: "X")?.id }
        #expect(try id("STO") == 1)
        #expect(try id("ZTO") == 3)
        #expect(try id("JT") == 384)
        #expect(try id("DBL") == 5)
        #expect(try id("SF") == nil)
        #expect(try id("YTO") == nil)
    }

    @Test(arguments: [
        ("EMS", "9812345678901", "邮政快递包裹"), ("EMS", "9912345678901", "EMS"), ("EMS", "EA190000012CN", "EMS"),
        ("ZTO", "9812345678901", "中通快递"),
    ]) func jackyunsNameFollowsTheNumber(carrier: String, number: String, name: String) throws {
        #expect(try #require(CarrierNames.named(carrier)).logisticName(for: number) == name)
    }

    /// China Post's parcels are a company of their own there; their numbers are told by their form.
    @Test(
        arguments: [
            ("9812345678901", ["EMS", "YZXB"], 2), ("9812345678901", ["EMS", "邮政快递包裹"], 2), ("9812345678901", ["EMS", "邮政电商标快"], 2),
            ("9812345678901", ["EMS"], 1), ("9912345678901", ["EMS", "YZXB"], 1), ("981234567890", ["EMS", "YZXB"], 1),
            ("EA190000012CN", ["EMS", "YZXB"], 1), ("9912345678901", ["X", "YZXB"], nil),
        ] as [(String, [String], Int?)])
    func parcelsByPostGoWithTheirOwnCompany(number: String, companies: [String], expected: Int?) throws {
        let companies = companies.enumerated().map { index, name in
            let isCode = name.utf8.allSatisfy { $0 < 0x80 }
            return PinduoduoLogisticsCompany(id: index + 1, code: isCode ? name : "C\(index)", name: isCode ? "N" : name, isAvailable: true)
        }
        #expect(try #require(CarrierNames.named("EMS")).company(in: companies, for: number)?.id == expected)
    }
}

import Foundation
import Testing

@testable import Labels

/// Labels read back as a scanner and a reader of the file would.
@Suite struct PrintingTests {
    private let renderer = LabelRenderer()

    private func printed(_ labels: [LabelContent]) throws -> PrintedFile { try PrintedFile(renderer.pdf(labels).bytes) }

    @Test func everyNumberIsReadFromAOneBitPictureInOrder() throws {
        let file = try printed(waybillNumbers.map { number in sampleLabel { $0.waybillNumber = number } })
        #expect(try file.codes(pages: 1...waybillNumbers.count) == waybillNumbers.map { "CODE-128:\($0)" })
    }

    @Test func aParcelHasAPageWithItsOwnNumberAndTheMainOne() throws {
        let label = sampleLabel { $0.furtherNumbers = ["SF1900000000013", "SF1900000000014"] }
        let file = try printed([label, sampleLabel()])
        #expect(
            try file.codes(pages: 1...4)
                == ["SF1900000000012", "SF1900000000013", "SF1900000000014", "SF1900000000012"].map { "CODE-128:\($0)" })
        let texts = try file.packedTexts()
        #expect(texts.count == 4)
        for (index, text) in texts.prefix(3).enumerated() {
            #expect(text.contains("第\(index + 1)件/共3件") && text.contains("母单号SF1900000000012"))
        }
        #expect(!texts[3].contains("母单号"))
    }

    @Test func everythingOnTheLabelComesBack() throws {
        let text = try #require(try printed([sampleLabel()]).packedTexts().first)
        for part in [
            "顺丰速运", "SF", "755WE-021", "SF1900000000012", "收", "张三丰", "13800138000", "广东省深圳市南山区粤海街道科技园二区36栋2单元1-2-301",
            "寄", "小店甲", "李四", "0571-88888888", "浙江省杭州市余杭区文一西路969号", "货", "纯棉短袖T恤红色XL×2", "帆布袋×1", "备注", "请放门口",
            "订单P8F3K2", "12/128",
        ] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test func telephoneAndNumberStandOnLinesOfTheirOwn() throws {
        let lines = try #require(try printed([sampleLabel()]).texts().first).split(separator: "\n")
        #expect(lines.contains("13800138000") && lines.contains("0571-88888888") && lines.contains("SF1900000000012"))
    }

    @Test func rareCharactersAreDrawn() throws {
        let rare = "䶮㛃𠮷𬭚𠀀𪜎"
        let file = try printed([
            sampleLabel {
                $0.recipient.name = rare
                $0.sender.name = rare
                $0.recipient.address.detail = "\(rare)路1号"
            }
        ])
        let text = try #require(try file.packedTexts().first)
        #expect(text.components(separatedBy: rare).count == 4)
    }

    @Test func longAddressesShrinkAndAreWhole() throws {
        let vietnamese =
            "Số 1234/56/78 đường Nguyễn Thị Minh Khai, khu phố Bình Hoà, tổ dân phố số 12, toà nhà Sông Hồng Park View, tầng 17, căn hộ 1703B"
        let chinese = String(repeating: "滨海大道科技园生态园二区三十六栋", count: 8) + "301室"
        let file = try printed([
            sampleLabel {
                $0.recipient.name = "Nguyễn Phước Bảo Quỳnh Trân 阮福保琼珍"
                $0.recipient.address.detail = vietnamese
            }, sampleLabel { $0.recipient.address.detail = chinese },
        ])
        let texts = try file.packedTexts()
        #expect(texts[0].contains(packed(vietnamese)) && texts[0].contains("NguyễnPhướcBảoQuỳnhTrân阮福保琼珍"))
        #expect(texts[1].contains(chinese))
    }

    /// The longest that orders may have (400 bytes and 64 for each larger part).
    @Test func theLongestRecipientOfAnOrderFits() throws {
        let part = String(repeating: "区", count: 21)
        let label = sampleLabel {
            $0.furtherNumbers = ["SF1900000000013"]
            $0.recipient.name = String(repeating: "名", count: 66)
            $0.recipient.phone = String(repeating: "8", count: 40)
            $0.recipient.address = .init(
                province: part, city: part, district: part, town: part, detail: String(repeating: "详", count: 133))
            $0.sender.name = $0.recipient.name
            $0.sender.phone = $0.recipient.phone
            $0.sender.alias = $0.recipient.name
            $0.sender.address = $0.recipient.address
        }
        let file = try printed([label])
        #expect(try file.packedTexts()[1].components(separatedBy: String(repeating: "详", count: 133)).count == 3)
    }

    @Test func goodsAndRemarkAreCutWithAMark() throws {
        let label = sampleLabel {
            $0.lines = (1...80).map { .init(name: "商品编号\($0)", spec: "规格", quantity: $0) }
            $0.remark = String(repeating: "备注内容", count: 1_000)
        }
        let file = try printed([label])
        let text = try #require(try file.packedTexts().first)
        #expect(text.contains("商品编号1规格×1商品编号2规格×2") && !text.contains("商品编号80"))
        #expect(text.components(separatedBy: "…").count == 3)
        #expect(text.contains("订单P8F3K2"))
    }

    @Test func fiveHundredLabelsAreOneFileInTheirOrder() throws {
        let labels = (0..<500).map { index in
            sampleLabel {
                $0.waybillNumber = "SF\(1_900_000_000_000 + index)"
                $0.recipient.phone = "\(13_800_000_000 + index)"
            }
        }
        let file = try printed(labels)
        let texts = try file.texts()
        #expect(texts.count == 500)
        for (label, text) in zip(labels, texts) { #expect(text.contains("\n\(label.recipient.phone)\n")) }
        #expect(try file.codes(pages: 499...500) == ["CODE-128:SF1900000000498", "CODE-128:SF1900000000499"])
    }

    @Test func theFileHoldsNoTimeNoMachineAndNobodysName() throws {
        let bytes = try renderer.pdf([sampleLabel()]).bytes
        #expect(try LabelRenderer().pdf([sampleLabel()]).bytes == bytes)
        let properties = try PrintedFile(bytes).properties()
        #expect(properties.contains("Title:           Shipping labels\n") && !properties.contains("CreationDate"))
        #expect(properties.contains("Page size:       283.465 x 510.236 pts"))
        #expect(!properties.contains("张"))
    }

    @Test func anSVGIsOneParcelInMillimetresWithoutText() throws {
        let label = sampleLabel { $0.furtherNumbers = ["SF1900000000013"] }
        let first = String(decoding: try renderer.svg(label), as: UTF8.self)
        #expect(first.contains("width=\"100mm\" height=\"180mm\" viewBox=\"0 0 100 180\""))
        #expect(!first.contains("<text") && !first.contains("张"))
        // The lines and bars are one path: the second parcel's are others.
        func path(_ svg: String) -> String? {
            svg.split(separator: "\n").filter { $0.contains("fill-rule") }.max { $0.count < $1.count }.map(String.init)
        }
        let bars = try #require(path(first))
        #expect(bars.count > 1_000)
        #expect(path(String(decoding: try renderer.svg(label), as: UTF8.self)) == bars)
        #expect(path(String(decoding: try renderer.svg(label, page: 2), as: UTF8.self)) != bars)
        #expect(throws: LabelError.noPage(3)) { try renderer.svg(label, page: 3) }
        #expect(throws: LabelError.noPage(0)) { try renderer.svg(label, page: 0) }
    }
}

import Contracts
import Crypto
import Identity
import JSON
import OrderImports
import Partners
import ReadModel
import Runtime
import Testing
import Texts
import Threads

@testable import Console

@Suite(.timeLimit(.minutes(2))) struct ImportTests {
    // MARK: What goes in

    @Test func anExportBecomesSealedFactsOfItsMerchant() throws {
        let scene = try ImportScene()
        let document = try scene.imported(ImportScene.export([1, 2, 3]))
        #expect(document["state"]?.string == "done" && document["merchantShopId"]?.string == "shop-1")
        #expect(document["records"]?.int == 3 && document["placed"]?.int == 3 && document["known"]?.int == 0)
        #expect(document["badRows"]?.int == 0 && document["rows"]?.array?.isEmpty == true && document["copies"]?.int == 0)
        let sent = scene.log.sent
        #expect(sent.map(\.key) == [1, 2, 3].map { "pdd:\(ImportScene.orderNumber($0))" })
        for fact in sent {
            #expect(fact.topic == "daifa.orders" && fact.envelope.type == "daifa.order.placed.v1")
            #expect("\(fact.envelope.actor)" == "merchant:shop-1" && fact.envelope.user == "u1" && fact.envelope.source == "/daifa/console")
            #expect(fact.envelope.subject == fact.key)
            let text = String(decoding: fact.body, as: UTF8.self)
            #expect(!text.contains("张三") && !text.contains("13800000000") && !text.contains("仓前"))
            let placed = try OrderPlaced.decode(fact.body)
            #expect(try placed.recipient.sealed?.value.keyId == "k1" && placed.recipient.mergeKey?.utf8.count == 32)
        }
    }

    @Test func theSameFileAgainPlacesNothing() throws {
        let scene = try ImportScene()
        let file = ImportScene.export(Array(1...600))
        #expect(try scene.imported(file)["placed"]?.int == 600)
        let again = try scene.imported(file)
        #expect(again["placed"]?.int == 0 && again["known"]?.int == 600 && again["records"]?.int == 600)
        #expect(scene.log.sent.count == 600)
    }

    @Test func whatWasPlacedAMomentAgoIsKnownBeforeAllocationSaysSo() throws {
        let scene = try ImportScene(registers: false)
        let file = ImportScene.export([1, 2])
        #expect(try scene.imported(file)["placed"]?.int == 2)
        let again = try scene.imported(file)
        #expect(again["placed"]?.int == 0 && again["known"]?.int == 2 && scene.log.sent.count == 2)
    }

    @Test func aMerchantsOrdersAreItsOwn() throws {
        let scene = try ImportScene()
        _ = try scene.imported(ImportScene.export([1]))
        #expect(try scene.model.order("pdd:\(ImportScene.orderNumber(1))", merchant: "shop-2") == nil)
        #expect(try scene.model.order("pdd:\(ImportScene.orderNumber(1))", merchant: "shop-1") != nil)
    }

    @Test func aSecondConsoleThatFillsItsModelTellsEverythingOfWhatItMayNotKnow() throws {
        let scene = try ImportScene()
        // The log of orders begins at 7: what was placed before is not known any more.
        let cancelled = try ImportScene.file("c-no-recipient.csv")
        _ = try scene.model.apply([LogRecord(topic: "daifa.orders", partition: 1, offset: 7, time: Timestamp(milliseconds: 1))])
        try #require(!scene.model.knownSince().isEmpty)
        let document = try scene.imported(cancelled)
        #expect(document["known"]?.int == 2 && scene.log.sent.map(\.envelope.type).contains("daifa.order.cancelled.v1"))
    }

    // MARK: Files of real use

    @Test func codesOfTheSpecificationGoInUnderEitherName() throws {
        let scene = try ImportScene()
        let document = try scene.imported(ImportScene.file("a-spec-code-old-name.csv"))
        #expect(document["placed"]?.int == 3 && document["badRows"]?.int == 0)
        let skus = try scene.log.sent.map { try OrderPlaced.decode($0.body).lines[0].sku }
        #expect(skus == ["BW-500-BLACK", "BW-800-SILVER", "BW-800-BLUE"])
        // As a workbook it is the same orders: they are known.
        let book = try scene.imported(ImportScene.file("l-workbook.xlsx"))
        #expect(book["placed"]?.int == 0 && book["known"]?.int == 3 && scene.log.sent.count == 3)
    }

    @Test func anExportWithoutRecipientsTellsOfKnownOrdersAlone() throws {
        let scene = try ImportScene()
        let document = try scene.imported(ImportScene.file("c-no-recipient.csv"))
        #expect(document["placed"]?.int == 0 && document["badRows"]?.int == 1 && scene.log.sent.isEmpty)
        #expect(document["notToShip"]?["已取消"]?.int == 1 && document["notToShip"]?["未发货，退款成功"]?.int == 1)
        let row = try #require(document["rows"]?[0])
        #expect(row["line"]?.int == 2 && row["orderNumber"]?.string == "261120-400000294410921")
        #expect(row["reason"]?.string?.contains("Export the orders with recipients") == true && row["value"] == nil)
    }

    @Test func otherStatesAreCounted() throws {
        let scene = try ImportScene()
        let document = try scene.imported(ImportScene.file("d-states-2026.csv"))
        #expect(document["placed"]?.int == 1 && document["notToShip"]?["待支付"]?.int == 1 && document["badRows"]?.int == 0)
    }

    @Test func amountsTownsAndLinesAboveTheHeaderAreRead() throws {
        let scene = try ImportScene()
        for (name, count) in [("b-street-town.csv", 3), ("e-thousands.csv", 3), ("g-line-above-header.csv", 3)] {
            #expect(try scene.imported(ImportScene.file(name))["placed"]?.int == count, "\(name)")
        }
    }

    @Test func whatIsNoExportOfPinduoduoIsRefusedWhole() throws {
        let scene = try ImportScene()
        let douyin = try scene.post(ImportScene.file("h-douyin.csv"))
        #expect(douyin.status == 400 && douyin.json["code"]?.string == "invalid" && douyin.json["field"]?.string == "file")
        #expect(douyin.json["detail"]?.string?.contains("This looks like an export of Douyin; Daifa reads Pinduoduo's") == true)
        for file in [[], Array("nonsense".utf8), Array("a,b\n1,2\n".utf8), [0x50, 0x4B, 0x03, 0x04, 0, 0, 0]] as [[UInt8]] {
            let answer = try scene.post(file)
            #expect(answer.status == 400 && answer.json["field"]?.string == "file")
        }
        #expect(try scene.log.sent.isEmpty && scene.ask("GET", "/api/v1/imports").json["items"]?.array?.isEmpty == true)
    }

    // MARK: Bad rows

    @Test func badRowsAreToldByLineAndNeverShowARow() throws {
        let scene = try ImportScene()
        let file = ImportScene.export(Array(1...150), quantity: "SECRET")
        let document = try scene.imported(file)
        #expect(document["badRows"]?.int == 150 && document["rows"]?.array?.count == 100 && document["placed"]?.int == 0)
        #expect(document["rows"]?[0]?["line"]?.int == 2 && document["rows"]?[0]?["column"]?.string == "商品数量(件)")
        let id = try #require(document["importId"]?.string)
        let csv = try scene.ask("GET", "/api/v1/imports/\(id)/bad-rows.csv")
        let lines = csv.text.split(separator: "\r\n")
        #expect(csv.status == 200 && lines.count == 151 && lines[0] == "\u{FEFF}line,orderNumber,column,reason")
        #expect(lines[150].hasPrefix("151,\(ImportScene.orderNumber(150)),商品数量(件),"))
        for secret in ["SECRET", "张三", "13800000000", "仓前"] { #expect(!csv.text.contains(secret) && !"\(document)".contains(secret)) }
    }

    @Test func reasonsAreToldInTheAskersLanguage() throws {
        let scene = try ImportScene()
        let id = try #require(try scene.imported(ImportScene.export([1], quantity: "0"))["importId"]?.string)
        for (language, text) in [
            (Language.en, "Not a whole number from 1 to 999999."), (.zh, "不是 1 到 999999 的整数。"),
            (.vi, "Không phải số nguyên từ 1 đến 999999."),
        ] {
            scene.language.change { $0 = language }
            let document = try scene.ask("GET", "/api/v1/imports/\(id)").json
            #expect(document["rows"]?[0]?["reason"]?.string == text)
            #expect(try scene.ask("GET", "/api/v1/imports/\(id)/bad-rows.csv").text.contains(text))
        }
        for fault in OrderExport.Fault.allCases {
            for language in Language.allCases { #expect(scene.texts[language].has("badRow.\(fault.rawValue)"), "\(fault)") }
        }
    }

    @Test func aCellThatASpreadsheetWouldCalculateIsAText() {
        for text in ["=1+1", "+1", "-1", "@SUM", "\t=1", "\r=1"] { #expect(CSVAnswer.cell(text).contains("'" + text), "\(text)") }
        #expect(CSVAnswer.cell("1-1") == "1-1" && CSVAnswer.cell("") == "" && CSVAnswer.cell("'=1") == "'=1")
        #expect(CSVAnswer.cell("a,\"b\"\n") == "\"a,\"\"b\"\"\n\"" && CSVAnswer.cell("=\"a\"") == "\"'=\"\"a\"\"\"")
        #expect(CSVAnswer.line(["a", nil, "=b"]) == Array("a,,'=b\r\n".utf8))
    }

    // MARK: Who, and how often

    @Test func aMerchantImportsForItsOwnShopAlone() throws {
        let scene = try ImportScene()
        #expect(try scene.post(ImportScene.export([1]), merchant: "shop-2").status == 404)
        let nobody = try scene.ask("POST", "/api/v1/imports", ImportScene.export([1]))
        #expect(nobody.status == 400 && nobody.json["field"]?.string == "merchant")
        #expect(try scene.ask("POST", "/api/v1/imports?merchant=shop-1&x=1", []).json["field"]?.string == "x")
        for actor in ["factory:shop-1", "operator:shop-1"] {
            let other = try ImportScene(actor: actor)
            #expect(try other.post(ImportScene.export([1])).status == 403)
            #expect(try other.ask("GET", "/api/v1/imports").status == 403)
        }
        #expect(scene.log.sent.isEmpty)
    }

    @Test func anothersImportIsAnUnknownOne() throws {
        let scene = try ImportScene()
        try scene.ledger.record(
            ImportRecord(importId: "theirs", merchant: "shop-2", user: "u2", at: Timestamp(milliseconds: 1), state: .done))
        #expect(try scene.ask("GET", "/api/v1/imports/theirs").status == 404)
        #expect(try scene.ask("GET", "/api/v1/imports/theirs/bad-rows.csv").status == 404)
        #expect(try scene.ask("GET", "/api/v1/imports/none").status == 404)
        let mine = try scene.imported(ImportScene.export([1]))
        let items = try scene.ask("GET", "/api/v1/imports").json["items"]?.array
        #expect(items?.count == 1 && items?[0]["importId"]?.string == mine["importId"]?.string && items?[0]["rows"] == nil)
    }

    @Test func theSameKeyIsTheSameImport() throws {
        let scene = try ImportScene()
        let first = try scene.post(ImportScene.export([1]), key: "k")
        let id = try #require(first.json["importId"]?.string)
        _ = try scene.finished(id)
        let second = try scene.post(ImportScene.export([1]), key: "k")
        #expect(second.status == 202 && second.json["importId"]?.string == id)
        #expect(try scene.finished(id)["placed"]?.int == 1 && scene.log.sent.count == 1)
        let other = try scene.post(ImportScene.export([2]), key: "k")
        #expect(other.status == 409 && other.json["code"]?.string == "key-reused")
        #expect(try scene.ask("GET", "/api/v1/imports").json["items"]?.array?.count == 1)
    }

    @Test func aFewWaitAndMoreAreToldToComeAgain() throws {
        let scene = try ImportScene()
        scene.log.hold(true)
        let ids = try (1...3).map { try #require(try scene.post(ImportScene.export([$0])).json["importId"]?.string) }
        let late = try scene.post(ImportScene.export([4]))
        #expect(late.status == 503 && late.json["code"]?.string == "unavailable")
        #expect(try scene.ask("GET", "/api/v1/imports/\(ids[2])").json["state"]?.string == "running")
        scene.log.hold(false)
        for id in ids { #expect(try scene.finished(id)["placed"]?.int == 1) }
        #expect(try scene.imported(ImportScene.export([4]))["placed"]?.int == 1, "there is room again")
    }

    // MARK: When something is away

    @Test func withoutWaybillsKeyNothingIsTaken() throws {
        let scene = try ImportScene(hasKey: false)
        #expect(try scene.post(ImportScene.export([1])).status == 503)
        #expect(try scene.ask("GET", "/api/v1/imports").json["items"]?.array?.isEmpty == true)
    }

    @Test func anImportThatKafkaDoesNotTakeHasFailedAndMayBeSentAgain() throws {
        let scene = try ImportScene(patience: 0)
        scene.log.goAway()
        let document = try scene.imported(ImportScene.export([1]))
        #expect(document["state"]?.string == "failed" && document["placed"]?.int == 0 && document["records"]?.int == 1)
        scene.log.goAway(false)
        #expect(try scene.imported(ImportScene.export([1]))["placed"]?.int == 1)
    }

    @Test func aConsoleThatStopsLeavesNoImportRunning() throws {
        let scene = try ImportScene()
        scene.log.goAway()
        let id = try #require(try scene.post(ImportScene.export([1])).json["importId"]?.string)
        scene.desk.stop()
        #expect(try scene.ask("GET", "/api/v1/imports/\(id)").json["state"]?.string == "failed")
        #expect(try scene.post(ImportScene.export([2])).status == 503)
    }
}

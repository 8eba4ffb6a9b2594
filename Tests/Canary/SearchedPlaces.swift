import Foundation
import HTTP
import Kafka
import TestSupport

/// Where canaries are looked for.
enum SearchedPlaces {
    /// Keys and the secrets of the platform's own applications: these files are where they belong.
    private static let keyFiles: Set<String> = ["key", "secret"]

    /// Every file of a folder that is no key file, by its path below the folder.
    static func files(_ folder: URL) throws -> [Place] {
        let base = folder.resolvingSymlinksInPath().path
        let paths = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
        return paths.compactMap { path in
            let url = URL(fileURLWithPath: base).appendingPathComponent(path)
            guard !keyFiles.contains(url.pathExtension), let bytes = FileManager.default.contents(atPath: url.path) else { return nil }
            return Place(path, Array(bytes))
        }
    }

    /// What is in the key files of a folder, as canaries: each key, in base64 and as its bytes. Keys that are announced are none.
    static func keys(_ folder: URL) -> [Canary] {
        let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".key") }.flatMap { path -> [Canary] in
            let content = FileManager.default.contents(atPath: folder.appendingPathComponent(path).path) ?? Data()
            return String(decoding: content, as: UTF8.self).split(separator: "\n").compactMap { line in
                // `keyId base64 …`
                let words = line.split(separator: " ")
                guard words.count >= 2, let key = Data(base64Encoded: String(words[1])), key.count >= 32 else { return nil }
                return Canary("key \(words[0]) of \(path)", Array(key))
            }
        }
    }

    /// Every record of every topic of the cluster, Kafka's own topics and aborted transactions among them; each record is one place, with
    /// the parts on lines of their own. Blocking.
    static func records(_ kafka: KafkaConfiguration) throws -> (places: [Place], topics: [String]) {
        let topics = try Admin(kafka).metadata(timeout: 30).topics.keys.sorted()
        let reader = try TopicReader(kafka, topics: topics, isolation: .readUncommitted)
        var places: [Place] = []
        while !reader.atEnd {
            for message in try reader.next(timeout: 5) {
                var bytes = (message.key ?? []) + [0x0A] + (message.value ?? [])
                for header in message.headers { bytes += [0x0A] + header.name.utf8 + [0x3D] + (header.value ?? []) }
                places.append(Place("\(message.topic)[\(message.partition)]@\(message.offset)", bytes))
            }
        }
        return (places, topics)
    }

    /// What a process tells about itself: its log, and what it answers to everyone. Blocking.
    static func process(_ process: ServiceProcess, _ name: String) -> [Place] {
        [Place("log of \(name)", process.errorLines.joined(separator: "\n"))]
            + ["/metrics", "/health/ready", "/health/live"].map { Place("\($0) of \(name)", process.get($0)?.body ?? "") }
    }
}

import Contracts
import Texts

extension LocalizedText {
    subscript(language: Language) -> String {
        switch language {
        case .zh: zh
        case .vi: vi
        case .en: en
        }
    }
}

import TestKit
import Testing

/// ID tokens of an independent implementation: PyPI `PyJWT` 2.15.1 wrote and signed them with keys of `cryptography`
/// 48.0.0 and read them back with the same sets of keys; the keys were thrown away. The secrets are SHA-256 of the
/// words `state`, `nonce` and `verifier`.
struct IDTokenVector: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let algorithm: String
    /// The provider's set of keys.
    let keys: String
    let token: String

    /// When all of them were issued, in seconds.
    static let issued = SoftProvider.issued

    static let all = [
        IDTokenVector(
            testDescription: "RS256, 2048 bits", algorithm: "RS256",
            keys: #"""
                {"keys":[{"kty":"RSA","n":"piHG1coCEGREs1kx77AM8rGehpuZLfuEDKaEASGaE58OR6nUssVj6nezMaWz2p_6Z4Mg75mAQi\#
                ZmJAVdbcgWSisrlnHx5yLNPMwXpKpIpG3j_qG_bbS-K7F-KSNrQ_1zYzDdQYsGqcAtj3pqYdZrNUA28q5kTx8HbSahPXfDwnjd3Gq\#
                sE44qqR89_DIuWtewP52G3KnLQ4JWYWjdPkw9nBvsiQ4NlLSpxODb0hRv4aj1b4pm6J6LQQtrFQFRxM4GCvkqw0dC57vQe97NjQTC\#
                es_1W23g5tDS-OV0bX1yE506ybaw1oXjFP40AMwkUDhRHdz-fHvxXta2CQYBzps6fQ","e":"AQAB","kid":"2026-11","use":\#
                "sig","alg":"RS256"}]}
                """#,
            token: #"""
                eyJhbGciOiJSUzI1NiIsImtpZCI6IjIwMjYtMTEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUvdG\#
                VuYW50IiwiYXVkIjoicG9wdWciLCJzdWIiOiIyNDgyODk3NjEwMDEiLCJleHAiOjE3OTAwMDAzMDAsImlhdCI6MTc5MDAwMDAwMCw\#
                ibm9uY2UiOiJlRGQ3VWxkWHRKUkNmNGtCVDVmWG1TanprNDBVNjFIaUQ3WGV5WU5Pc3dRIiwiZW1haWwiOiJwb2xseUBwb3B1Zy5l\#
                eGFtcGxlIiwiZW1haWxfdmVyaWZpZWQiOnRydWUsIm5hbWUiOiJQb2xseSBQb3B1ZyIsImF1dGhfdGltZSI6MTc4OTk5OTk4MCwiZ\#
                3JvdXBzIjpbInBvcHVnLWFkbWlucyIsInN0YWZmIl19.lqIkJR5GtWkGTF0w6dOI1kFr1qfmfbR3hYfvN4nWG239ieSunmwlS5faX\#
                vFLPNu7g3kwcDQcwIT_fFUqQFayAaKq7VZSM2Muk3_ybkv8I5QEWZ5blB5SzJYPxxcumDEXBnD6d8b_cSOktHF1la9OUwd4kX4HAz\#
                4R9mcHkUZ5Qal-jazPbr6HVLLcy-Yqzzh3ZUS0AyPo6b8HTVRBK0E9TRkanQCQFOrhSpNwf8W1oXNDiCb_8E9ZTLMiRucePQmcHPv\#
                iOn8xEaTYIG1fSv2EhRnjYNGPVNfUN173uHPU8N2Sc0O8qG6jUTxYWImA_jhMMkBwZQeiwdKDipytg1_f_w
                """#),
        IDTokenVector(
            testDescription: "RS256, 4096 bits, no names", algorithm: "RS256",
            keys: #"""
                {"keys":[{"kty":"RSA","n":"x44Jr9cFbwowtNi1Lic-99_6aQKhmsKY5CHV7umY6m1ItaspiNtpp2MHQ7zGRjepE3y-dQ3u0n\#
                RQo6C97X9yW5t1earelOUm2KP1JoFNx-21WqexphL81eR6z6KLn2jViZcqDYtPdmhW1CLs-dVYOeqNux9a74mkIdI8U6dgFdPI67B\#
                TkUIozi80_6p86fFw0UpsuJwLq8Mde8Vx6RJgI14XOq6F6CgwwMTzMzb260d5Fkj8YDCx_yZvClFjg3iozOY4SgIzrxCNcWk4r0Fn\#
                6G9xWP5RdAo35R737VWNYNMZKEcQDryCNA3Dj1IsVGS2Ri2aKmZYFMYVyY7aFKX8dbBPAw37KQWLi5OHKSOkApVBOcqm7xcudtbpA\#
                QIe5CXLnduZsF2c4Tns1lqOl3NilWGOCrmYXvCcBhLVZiTamgComtEaD7APiF_R-6XPYfdb-NiWazHLVIehsAaFvEvdwie4QL81Zi\#
                p03i8xdjTE_DyVQUz9QbJVYmNmpZTZ9-gJaVPm3R6e5D56CAyj5FAK2Ne2DV9w67GV5PUZxU_6p1KcUSuZ2Dwajm-DG7gEV_Bvycu\#
                kdqyxkt3Zqv5zXXnaAIb386rwhJhp8cG-DFrdFbgPKP4VRgBdyYkVJo9PO0c0irWOukh0pnP61AK6jqw-lob9ppOidytstCqkdrTn\#
                YuM","e":"AQAB"}]}
                """#,
            token: #"""
                eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUvdGVuYW50IiwiYXVkIjpbInBvcHVnIl0sInN1YiI6\#
                IjI0ODI4OTc2MTAwMSIsImV4cCI6MTc5MDAwMDMwMCwiaWF0IjoxNzkwMDAwMDAwLCJub25jZSI6ImVEZDdVbGRYdEpSQ2Y0a0JUN\#
                WZYbVNqems0MFU2MUhpRDdYZXlZTk9zd1EiLCJlbWFpbCI6InBvbGx5QHBvcHVnLmV4YW1wbGUiLCJlbWFpbF92ZXJpZmllZCI6In\#
                RydWUiLCJuYW1lIjoiUG9sbHkgUG9wdWciLCJhdXRoX3RpbWUiOjE3ODk5OTk5ODAsImdyb3VwcyI6InN0YWZmIn0.kblMfUsG6gH\#
                Shn0nkTEG5vQcojlTl9GPn1cvJXB8DBsps-KjDtvusxfAmGsIaOMsWu6FG2dn9jxzwOTH5aB6I1nyYMpONxDprwCNFDqPq7YRKBv_\#
                Nw2hAprZdT1SVAnQqMoPNEJtNH8GKuER-pgCbp5Y5otc3y0aQqB-Ppppk_EQ6L4NMoivvjVIMNB1upDU5ufK2LMRkpYuB-Ntg_vEV\#
                zcVDYq9JKVrPesYPXUqKNYxG70ZqbTeTUed2b_n5z2RKDpQyeZ1yO5XA1bZGdzwvnEdsLyNwb3j0xBOJWcVo9nSkNfVaf-iBU99Uy\#
                Xw5f3O6UiriuDRZD7sKc-gn8ANAvRpDiLkbQCXJ2fn4NH6LH7Zf3lYD9QPkI3rRlS-NYikgb7XOV__mLaIL1VxRvYGzDHpMjPQZX3\#
                KUgWRYScWt4bfn-y67cYsda3M8oobGg31CtKVCERFcLWY_NenVLLjbf0E8lYFvIjwsB51MEX31PTENfQpvgnqfwMT7DFRaLp8dNA9\#
                noWB60dp-1zf6jtWqKzZ44hpTQULn80zaXsP0J1fQYEnX65V-AZATbP-LuSEHJlW5OGv_XbK__7jQ_7zNQKfdmX08FN5fOoX37hib\#
                seIrrQu1UXMfXii2csmgMOD0wYUvlKC2O1denyQJyzbQtnjtgSU8bBQOdgTrst-I1M
                """#),
        IDTokenVector(
            testDescription: "ES256", algorithm: "ES256",
            keys: #"""
                {"keys":[{"kty":"EC","crv":"P-256","x":"ojOA9U-bIE8y1l9Cv0Z3DCNcK0yblltasczFYNujw24","y":"OYngYdu4Wgf\#
                ieEHHwjNnP7-Jmkljh_hpuKPzxVZpizc","kid":"a/b+c","use":"sig"}]}
                """#,
            token: #"""
                eyJhbGciOiJFUzI1NiIsImtpZCI6ImEvYitjIiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUvdGVuY\#
                W50IiwiYXVkIjpbInBvcHVnIiwib3RoZXIiXSwic3ViIjoiMjQ4Mjg5NzYxMDAxIiwiZXhwIjoxNzkwMDAwMzAwLCJpYXQiOjE3OT\#
                AwMDAwMDAsIm5vbmNlIjoiZURkN1VsZFh0SlJDZjRrQlQ1ZlhtU2p6azQwVTYxSGlEN1hleVlOT3N3USIsImVtYWlsIjoicG9sbHl\#
                AcG9wdWcuZXhhbXBsZSIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJuYW1lIjoiUG9sbHkgUG9wdWciLCJhdXRoX3RpbWUiOjE3ODk5\#
                OTk5ODAsImdyb3VwcyI6WyJwb3B1Zy1hZG1pbnMiLCJzdGFmZiJdLCJhenAiOiJwb3B1ZyIsIm5iZiI6MTc5MDAwMDAwMH0.MrkJq\#
                AqCWEakNYoQ2xjMSypfH7I8R2CV5gZsOSB2MPpC_0zgkAndHn680wfC8uOQFSUiSVzVzQpodG58-8uN0g
                """#),
    ]
}

/// The examples of RFC 7515, appendices A.2 and A.3: a key each, and what is signed with it.
struct SignatureExample: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let key: String
    let token: String

    static let payload = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"

    static let all = [
        SignatureExample(
            testDescription: "A.2, RS256",
            key: #"""
                {"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPME\#
                zP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re\#
                xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNm\#
                oudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}
                """#,
            token: #"""
                eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19y\#
                b290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O\#
                8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L0\#
                7Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6\#
                LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw
                """#),
        SignatureExample(
            testDescription: "A.3, ES256",
            key: #"""
                {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue65\#
                9LNpXW6pCyStikYjKIWI5a0"}
                """#,
            token: #"""
                eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19y\#
                b290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q
                """#),
    ]
}

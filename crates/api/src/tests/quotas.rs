use super::*;

#[tokio::test]
async fn quotas_are_counted() {
    let api = Api::new().await;
    let quotas = async || {
        let all = api.get(&api.fgs("/quotas")).await.fine(200)["quotas"]["resources"].clone();
        let one = |kind: &str| all.as_array().unwrap().iter().find(|one| one["type"] == kind).unwrap().clone();
        (one("fgs_func_num"), one("fgs_func_code_size"), one("fgs_func_scale_down_timeout"))
    };
    let (functions, code, idle) = quotas().await;
    assert_eq!(functions, json!({"type": "fgs_func_num", "quota": 400, "used": 0, "unit": ""}));
    assert_eq!(code, json!({"type": "fgs_func_code_size", "quota": 10_240, "used": 0, "unit": "MB"}));
    assert_eq!(idle, json!({"type": "fgs_func_scale_down_timeout", "quota": 60, "unit": "s"}));

    api.create("web", json!({})).await.fine(200);
    let noise: String = (0..2_000_000_u32)
        .map(|number| char::from(b' ' + (number.wrapping_mul(2_654_435_761) >> 25) as u8 % 94))
        .collect();
    let zip = zip(&[("noise", &noise)]);
    let dependency = json!({"name": "lib", "runtime": "http", "depend_type": "zip", "depend_file": base64(&zip)});
    api.post(&api.fgs("/dependencies/version"), &dependency).await.fine(200);
    let (functions, code, _) = quotas().await;
    assert_eq!(
        (&functions["used"], code["used"].as_u64().unwrap()),
        (&json!(1), (zip.len() as u64 + 1000).div_ceil(1 << 20))
    );
}

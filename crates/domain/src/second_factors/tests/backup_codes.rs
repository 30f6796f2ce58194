use crate::second_factors::BackupCodeText;
use crate::second_factors::model::COUNT;
use crate::tests_support::counting_entropy;

#[test]
fn asvs_v6_5_4_a_set_has_ten_codes_of_55_random_bits_each() {
    let set = BackupCodeText::issue_set(&counting_entropy());
    assert_eq!(set.len(), COUNT);
    for (number, code) in set.iter().enumerate() {
        let shown = code.expose();
        let groups: Vec<_> = shown.split('-').collect();
        assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [4, 4, 4]);
        assert_eq!(code.number(), Some(number), "{shown}");
        assert_eq!(format!("{code:?}"), "BackupCodeText(…)");
    }
    let all: std::collections::BTreeSet<_> = set.iter().map(BackupCodeText::expose).collect();
    assert_eq!(all.len(), COUNT, "no two are the same");
}

#[test]
fn a_code_is_read_however_it_is_typed() {
    for typed in ["3K7F-92QX-M8P0", "3k7f92qxm8p0", " 3k7f 92qx m8pO ", "3K7F-92QX-M8Po"] {
        let read = BackupCodeText::read(typed).unwrap();
        assert_eq!(read.expose(), "3K7F-92QX-M8P0", "{typed}");
        assert_eq!(read.number(), Some(3));
    }
    let read = BackupCodeText::read("iK7F-92QX-M8PL").unwrap();
    assert_eq!(read.expose(), "1K7F-92QX-M8P1");
}

#[test]
fn what_has_not_the_form_of_a_code_is_none() {
    for typed in ["", "3K7F-92QX-M8P", "3K7F-92QX-M8P00", "3K7F-92QX-M8PU", "3K7F_92QX_M8P0", "é"]
    {
        assert_eq!(BackupCodeText::read(typed), None, "{typed}");
    }
    // The form of one, but no set has so many.
    assert_eq!(BackupCodeText::read("AK7F-92QX-M8P0").unwrap().number(), None);
}

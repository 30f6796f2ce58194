use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub email: String,
    pub email_key: String,
    pub verified_at: Option<i64>,
    pub password: String,
    pub password_set_at: i64,
    pub password_set_by: String,
    pub replaced_passwords: Option<String>,
    pub replaced_at: Option<i64>,
    pub name: Option<String>,
    pub locale: String,
    pub origin: String,
    pub epoch: i64,
    pub freeze_since: Option<i64>,
    pub freeze_until: Option<i64>,
    pub second_factor_at: Option<i64>,
    pub recovered_at: Option<i64>,
    pub security_checked_at: Option<i64>,
    pub created_at: i64,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

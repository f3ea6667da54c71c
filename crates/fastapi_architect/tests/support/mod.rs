//! A project on the disk that the binary reviews.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// Two routes of which the second is never reached.
pub const MAIN: &str = "\
import os
from fastapi import FastAPI

app = FastAPI()


@app.get('/users/{user_id}')
def read(user_id: int): ...


@app.get('/users/me')
def me(): ...
";

/// A project in a folder of its own, and `review` of it.
pub struct Project(TempDir);

impl Project {
    pub fn new(main: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.write("app/__init__.py", "");
        project.write("app/main.py", main);
        project
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    pub fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::cargo_bin("fastapi-architect").unwrap();
        let Output { status, stdout, stderr } =
            command.arg("review").args(arguments).arg(self.path()).env("NO_COLOR", "1").output().unwrap();
        (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
    }

    /// What a run prints that finds something.
    #[track_caller]
    pub fn prints(&self, arguments: &[&str]) -> String {
        let (code, stdout, stderr) = self.run(arguments);
        assert_eq!(code, Some(1), "{stderr}{stdout}");
        stdout
    }

    /// Rules of the findings, in order.
    #[track_caller]
    pub fn rules(&self, arguments: &[&str]) -> Vec<String> {
        let (_, stdout, stderr) = self.run(&[arguments, &["--format", "json"]].concat());
        let review: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}{stdout}"));
        let findings = review["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
    }

    pub fn git(&self, arguments: &[&str]) {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(self.path()).args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "-c",
            "commit.gpgsign=false",
        ]);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?} {}", String::from_utf8_lossy(&output.stderr));
    }

    pub fn commit(&self) {
        if !self.path().join(".git").exists() {
            self.git(&["init", "-q"]);
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "x", "--no-verify"]);
    }
}
